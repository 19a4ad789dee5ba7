// The order of terms as they are written, which OPA keeps sets and objects in before it knows their
// values. Source: OPA v1/ast/compare.go.
#pragma once

#include <boost/container/small_vector.hpp>
#include <utility>
#include <vector>

#include "syntax/ast.hpp"

namespace lictor::syntax {

/// Negative, 0 or positive; 0 for terms that are the same but for their places.
int compare(const Term& a, const Term& b);
int compare(const Expr& a, const Expr& b);

/// A set's members in order, each once.
Terms sorted_members(const Term& set);
/// An object's keys and values in order of the keys, also those of a key that is given twice.
std::vector<std::pair<Term*, Term*>> sorted_members_of_object(const Term& object);

/// Few of them need no memory of their own.
using Places = boost::container::small_vector<std::size_t, 8>;

/// The places of a composite's elements in the order of terms: an array's as they stand, an
/// object's by key, where only the keys' places are told.
Places ordered_places(const Term& composite);

}  // namespace lictor::syntax
