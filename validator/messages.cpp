// The table of texts, in the order of the messages.
#include "messages.hpp"

#include <iterator>

#include "lictor/validator/evaluation.hpp"

namespace lictor::validator {
namespace {

struct Texts {
  Message message;  // its place in the table
  const char* portuguese;
  const char* english;
};

constexpr Texts table[] = {
    {Message::breaker_open, breaker_open_message, "Circuit breaker open"},
    {Message::connection, "Falha de conexão com o OPA ({})", "No connection to OPA ({})"},
    {Message::policy_not_found, "Política não encontrada ({})", "Policy not found ({})"},
    {Message::evaluation, "Erro de avaliação ({})", "Evaluation error ({})"},
    {Message::timeout, "Tempo esgotado ({})", "Timed out ({})"},
    {Message::cancelled, "Chamada cancelada ({})", "Call cancelled ({})"},
    {Message::skipped, " - validação pulada", " - validation skipped"},
    {Message::unavailable, " - validação indisponível", " - validation unavailable"},
    {Message::denied, "A política negou sem dizer por quê",
     "The policy denied without giving a reason"},
    {Message::malformed, "O documento não é um objeto JSON", "The document is not a JSON object"},
    {Message::unknown_band, "risk_band não é critical, high, medium nem low",
     "risk_band is not critical, high, medium or low"},
    {Message::unchecked, "Nem todas as políticas foram avaliadas",
     "Not all policies were evaluated"},
    {Message::too_large, "O documento tem {} bytes; o máximo é {}",
     "The document has {} bytes; the maximum is {}"},
    {Message::too_deep, "O documento tem mais níveis que o máximo de {}",
     "The document is nested deeper than the maximum of {} levels"},
    {Message::host_malformed, "O contexto do host não é um objeto JSON",
     "The host's context is not a JSON object"},
    {Message::answer_no_object, "o resultado da política não é um objeto",
     "the policy's result is not an object"},
    {Message::answer_no_verdict, "o resultado da política não tem allow e violations",
     "the policy's result does not have allow and violations"},
    {Message::answer_is_verdict,
     "o resultado da política tem allow ou violations, mas a política só responde flags",
     "the policy's result has allow or violations, but the policy only answers flags"},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < std::size(table); ++i) {
    if (static_cast<std::size_t>(table[i].message) != i) return false;
  }
  return true;
}
static_assert(is_in_order());

}  // namespace

std::string text_of(Language language, Message message,
                    std::initializer_list<std::string> arguments) {
  const Texts& texts = table[static_cast<std::size_t>(message)];
  std::string out = language == Language::english ? texts.english : texts.portuguese;
  std::size_t at = 0;
  for (const std::string& argument : arguments) {
    at = out.find("{}", at);
    if (at == std::string::npos) break;
    out.replace(at, 2, argument);
    at += argument.size();
  }
  return out;
}

}  // namespace lictor::validator
