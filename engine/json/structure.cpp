// Runs simdjson's first stage.
#include "json/structure.hpp"

#include <simdjson.h>

namespace lictor::json {

struct Structure::Impl {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

Structure::Structure() : impl_(std::make_unique<Impl>()) {}
Structure::~Structure() = default;
Structure::Structure(Structure&&) noexcept = default;
Structure& Structure::operator=(Structure&&) noexcept = default;

const char* Structure::find(const char* text, std::size_t size) {
  auto& parser = impl_->parser;
  if (size > simdjson::SIMDJSON_MAXSIZE_BYTES) return "the document is larger than 4 GiB";
  if (!parser || parser->capacity() < size) {
    // Doubled, so that growing requests do not allocate each time. The depth is not used here.
    std::size_t capacity = std::min(size * 2 + 1024, simdjson::SIMDJSON_MAXSIZE_BYTES);
    auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(capacity,
                                                                                         1, parser);
    if (error) return simdjson::error_message(error);
  }
  auto error = parser->stage1(reinterpret_cast<const std::uint8_t*>(text), size,
                              simdjson::stage1_mode::regular);
  return error ? simdjson::error_message(error) : nullptr;
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

const std::uint32_t* Structure::tokens() const { return impl_->parser->structural_indexes.get(); }

}  // namespace lictor::json
