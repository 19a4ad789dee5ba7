// How long do JSON schemas take? A document of 1 KB matched with a schema of 100 lines that is in
// data, and with those that come with the requests; see calls.hpp.
#include "calls.hpp"

namespace {

using lictor::bench::Case;

/// `title` makes it another schema.
std::string schema(const std::string& title) {
  return R"({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": ")" +
         title + R"(",
  "type": "object",
  "required": ["apiVersion", "kind", "metadata", "spec"],
  "additionalProperties": false,
  "properties": {
    "apiVersion": {"type": "string", "pattern": "^[a-z]+/v[0-9]+$"},
    "kind": {"enum": ["Deployment", "StatefulSet", "DaemonSet"]},
    "metadata": {
      "type": "object",
      "required": ["name", "namespace"],
      "properties": {
        "name": {"$ref": "#/definitions/name"},
        "namespace": {"$ref": "#/definitions/name"},
        "labels": {"$ref": "#/definitions/texts"},
        "annotations": {"$ref": "#/definitions/texts"}
      }
    },
    "spec": {
      "type": "object",
      "required": ["replicas", "template"],
      "properties": {
        "replicas": {"type": "integer", "minimum": 0, "maximum": 100},
        "strategy": {
          "oneOf": [
            {"type": "object", "properties": {"type": {"const": "Recreate"}}, "required": ["type"]},
            {
              "type": "object",
              "properties": {
                "type": {"const": "RollingUpdate"},
                "maxSurge": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "%$"}]}
              },
              "required": ["type", "maxSurge"]
            }
          ]
        },
        "template": {
          "type": "object",
          "required": ["containers"],
          "properties": {
            "containers": {
              "type": "array",
              "minItems": 1,
              "maxItems": 10,
              "items": {"$ref": "#/definitions/container"}
            },
            "nodeSelector": {"$ref": "#/definitions/texts"},
            "tolerations": {"type": "array", "uniqueItems": true, "items": {"type": "object"}}
          }
        }
      }
    }
  },
  "definitions": {
    "name": {"type": "string", "minLength": 1, "maxLength": 63, "pattern": "^[a-z0-9-]+$"},
    "texts": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 256}},
    "quantity": {"type": "string", "pattern": "^[0-9]+(m|Mi|Gi)?$"},
    "resources": {
      "type": "object",
      "properties": {
        "cpu": {"$ref": "#/definitions/quantity"},
        "memory": {"$ref": "#/definitions/quantity"}
      },
      "additionalProperties": false
    },
    "container": {
      "type": "object",
      "required": ["name", "image"],
      "properties": {
        "name": {"$ref": "#/definitions/name"},
        "image": {"type": "string", "not": {"pattern": ":latest$"}},
        "ports": {
          "type": "array",
          "items": {"type": "integer", "exclusiveMinimum": 0, "maximum": 65535}
        },
        "env": {"$ref": "#/definitions/texts"},
        "limits": {"$ref": "#/definitions/resources"},
        "requests": {"$ref": "#/definitions/resources"}
      },
      "if": {"required": ["limits"]},
      "then": {"required": ["requests"]}
    }
  }
})";
}

std::string document(std::size_t number) {
  std::string container = R"("limits":{"cpu":"500m","memory":"512Mi"},"requests":{"cpu":"100m",)"
                          R"("memory":"128Mi"},"ports":[8080,9090],"env":{"LOG_LEVEL":"info",)"
                          R"("REGION":"eu-west-1","FEATURES":"a,b,c"}})";
  return R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"service-)" +
         std::to_string(number) +
         R"(","namespace":"payments","labels":{"app":"service","team":"payments","tier":"backend"},)"
         R"("annotations":{"owner":"payments@example.com","change":"CHG0012345"}},"spec":{)"
         R"("replicas":3,"strategy":{"type":"RollingUpdate","maxSurge":"25%"},"template":{)"
         R"("containers":[{"name":"server","image":"registry.example.com/server:1.4.2",)" +
         container + R"(,{"name":"proxy","image":"registry.example.com/proxy:2.0.0",)" + container +
         R"(,{"name":"agent","image":"registry.example.com/agent:0.9.1",)" + container +
         R"(],"nodeSelector":{"pool":"general"},"tolerations":[{"key":"dedicated"}]}}})";
}

std::vector<std::string> requests(bool with_schema) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < lictor::bench::request_count; ++i) {
    std::string own = with_schema ? ",\"schema\":" + schema("Workload " + std::to_string(i)) : "";
    std::string text = "{\"document\":" + document(i) + own + "}";
    std::erase(text, '\n');
    out.push_back(text);
  }
  return out;
}

std::vector<Case> cases() {
  std::string data = "{\"schema\":" + schema("Workload") + "}";
  return {
      {"match_schema", "json.match_schema(input.document, data.schema)[0]", data, requests(false)},
      {"match_schema_of_request", "json.match_schema(input.document, input.schema)[0]", "{}",
       requests(true)},
      {"verify_schema", "json.verify_schema(input.schema)[0]", "{}", requests(true)},
  };
}

}  // namespace

int main(int argc, char** argv) { return lictor::bench::run_calls(argc, argv, cases()); }
