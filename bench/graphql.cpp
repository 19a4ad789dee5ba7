// How long does GraphQL take? Queries of 1 KB and a schema of 2 KB, parsed and validated; see
// calls.hpp.
#include "calls.hpp"

namespace {

using lictor::bench::Case;

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

std::vector<std::string> requests() {
  using lictor::bench::json_text;
  std::vector<std::string> out;
  for (std::size_t i = 0; i < lictor::bench::request_count; ++i)
    out.push_back("{\"query\":" + json_text(query(i)) + ",\"schema\":" + json_text(schema) + "}");
  return out;
}

std::vector<Case> cases() {
  auto one = [](const char* name, const char* rule) { return Case{name, rule, "{}", requests()}; };
  return {
      one("parse_query", R"(graphql.parse_query(input.query).Operations[0].Name == "Dashboard")"),
      one("parse_schema", "count(graphql.parse_schema(input.schema).Definitions) == 18"),
      one("is_valid", "graphql.is_valid(input.query, input.schema)"),
      one("parse",
          R"(graphql.parse(input.query, input.schema)[0].Operations[0].Name == "Dashboard")"),
  };
}

}  // namespace

int main(int argc, char** argv) { return lictor::bench::run_calls(argc, argv, cases()); }
