// Parts of certificates that certificate_names.cpp reads for certificates.cpp. Private to both.
#pragma once

#include "builtins/certificates.hpp"

namespace lictor::builtins {

bool is_ascii(std::string_view text);
/// A UTCTime or a GeneralizedTime.
Wrong read_der_time(Der& from, CivilTime& out);
/// True for the numbers of the tags whose values are no structures.
bool is_plain_value(int tag);
Wrong read_attribute_value(Der from, AttributeValue& out);
Wrong read_name(std::string_view der, DistinguishedName& out);
Wrong read_alternative_names(std::string_view der, AlternativeNames& out);
/// `unhandled` if there are constraints on other kinds of names.
Wrong read_name_constraints(std::string_view der, Subtrees& permitted, Subtrees& excluded,
                            bool& unhandled);

}  // namespace lictor::builtins
