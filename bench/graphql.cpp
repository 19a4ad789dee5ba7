// How long does GraphQL take? Request text → decision text, one call of a builtin in each, on
// queries of 1 KB and a schema of 2 KB.
//   bench_graphql             prints JSON: {case: nanoseconds}
//   bench_graphql --write DIR writes each case's policy, data and requests, for OPA to be timed on:
//                             bench scale DIR, and bench builtins DIR with its cache of schemas
//
// Figures are medians over rounds.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "lictor/lictor.hpp"
#include "timing.hpp"

namespace {

using lictor::bench::median;
using lictor::bench::since;

constexpr std::size_t request_count = 16;

constexpr std::string_view schema = R"(
"An account of a customer" type Account implements Node @key(fields: "id") {
  id: ID! owner: User! balance(currency: Currency = EUR): Money! opened: Date!
  transactions(first: Int = 20, after: String, filter: TransactionFilter): TransactionConnection!
}
interface Node { id: ID! }
type User implements Node { id: ID! name: String! email: String roles: [Role!]! accounts(first: Int = 10): [Account!]! address: Address }
type Address { street: String city: String! country: String! postalCode: String }
type Money { amount: Float! currency: Currency! }
enum Currency { EUR USD GBP JPY CHF }
enum Role { ADMIN AUDITOR CUSTOMER SUPPORT }
scalar Date
type Transaction implements Node { id: ID! amount: Money! from: Account to: Account note: String booked: Date! tags: [String!] }
type TransactionEdge { node: Transaction! cursor: String! }
type TransactionConnection { edges: [TransactionEdge!]! pageInfo: PageInfo! total: Int! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
input TransactionFilter { min: Float max: Float since: Date tags: [String!] direction: Direction = BOTH }
enum Direction { IN OUT BOTH }
union SearchResult = User | Account | Transaction
directive @key(fields: String!) on OBJECT | INTERFACE
type Query {
  me: User! user(id: ID!): User node(id: ID!): Node accounts(ids: [ID!]!): [Account]! search(text: String!, first: Int = 10): [SearchResult!]!
}
input TransferInput { from: ID! to: ID! amount: Float! currency: Currency = EUR note: String }
type Mutation { transfer(input: TransferInput!): Transaction! close(id: ID!): Account }
)";

std::string query(std::size_t number) {
  return R"(query Dashboard($first: Int = 20, $after: String, $text: String!, $full: Boolean!) {
  me {
    ...UserParts
    accounts(first: 5) {
      id
      balance(currency: USD) { amount currency }
      transactions(first: $first, after: $after, filter: {min: 10.5, tags: ["rent", "food"], direction: OUT}) {
        edges {
          cursor
          node { id amount { amount currency } note booked to { id owner { name } } }
        }
        pageInfo { hasNextPage endCursor }
        total
      }
    }
  }
  other: user(id: "user-)" +
         std::to_string(number) +
         R"(") { ...UserParts address @include(if: $full) { street city country postalCode } }
  search(text: $text, first: 3) {
    __typename
    ... on User { id name email }
    ... on Account { id opened owner { id name } }
    ... on Transaction { id amount { amount } tags from { id } }
  }
  node(id: "account-1") { id ... on Account { opened balance { amount } } }
}

fragment UserParts on User {
  id
  name
  email
  roles
}
)";
}

[[noreturn]] void fail(const std::string& what) {
  std::cerr << "error: " << what << "\n";
  std::exit(1);
}

struct Case {
  std::string name, rule;
};

const Case cases[] = {
    {"parse_query", R"(graphql.parse_query(input.query).Operations[0].Name == "Dashboard")"},
    {"parse_schema", "count(graphql.parse_schema(input.schema).Definitions) == 18"},
    {"is_valid", "graphql.is_valid(input.query, input.schema)"},
    {"parse", R"(graphql.parse(input.query, input.schema)[0].Operations[0].Name == "Dashboard")"},
};

std::string policy_of(const Case& of) {
  return "package scale\n\ndefault allow := false\n\nallow if " + of.rule + "\n";
}

std::vector<std::string> requests() {
  auto json = [](std::string_view text) { return lictor::to_json(lictor::Value::string(text)); };
  std::vector<std::string> out;
  for (std::size_t i = 0; i < request_count; ++i)
    out.push_back("{\"query\":" + json(query(i)) + ",\"schema\":" + json(schema) + "}");
  return out;
}

void write(const Case& of, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / of.name);
  std::ofstream(folder / of.name / "policy.rego") << policy_of(of);
  std::ofstream(folder / of.name / "data.json") << "{}";
  std::ofstream texts(folder / of.name / "requests.ndjson");
  for (const std::string& text : requests()) texts << text << "\n";
}

/// Nanoseconds of a decision; each must be true.
double time_of(const Case& of) {
  constexpr int rounds = 101;
  lictor::Engine engine;
  engine.add_module("scale.rego", policy_of(of));
  auto policy = engine.compile("data.scale.allow");
  if (!policy) fail(policy.error().render());
  lictor::Evaluator evaluator(*policy);
  std::vector<std::string> texts = requests();
  std::string decision;
  for (const std::string& text : texts)
    if (evaluator.decide(text, decision) || decision != "true") fail(of.name + " is not allowed");
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round) {
    auto start = lictor::bench::clock::now();
    for (const std::string& text : texts) evaluator.decide(text, decision);
    times.push_back(since(start) / static_cast<double>(texts.size()));
  }
  return median(times);
}

}  // namespace

int main(int argc, char** argv) {
  bool writes = argc == 3 && argv[1] == std::string("--write");
  if (argc != 1 && !writes) {
    std::cerr << "usage: bench_graphql [--write DIR]\n";
    return 2;
  }
  std::string json;
  for (const Case& one : cases) {
    if (writes)
      write(one, argv[2]);
    else
      json += (json.empty() ? "{\"" : ", \"") + one.name + "\": " + std::to_string(time_of(one));
  }
  if (!writes) std::cout << json << "}\n";
}
