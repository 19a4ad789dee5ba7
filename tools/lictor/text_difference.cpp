// Myers' "An O(ND) Difference Algorithm" (1986): the middle of a shortest way from one text to the
// other is found from both ends, and each half is compared by itself. On top of it stand the
// shortcuts and the tidying of diff-match-patch, which OPA uses, so that the same edits come out:
// common ends, a text within the other, and a long part that both share.
#include "text_difference.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace lictor::cli {
namespace {

using Text = std::u32string;
using View = std::u32string_view;

enum class Op : std::uint8_t { keep, remove, insert };

struct Edit {
  Op op;
  Text text;
};
using Edits = std::vector<Edit>;

Text decoded(const std::string& bytes) {
  Text out;
  for (std::size_t i = 0; i < bytes.size();) {
    auto first = static_cast<unsigned char>(bytes[i]);
    std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t rune = size == 1 ? first : first & (0xFFU >> (size + 1));
    for (std::size_t k = 1; k < size && i + k < bytes.size(); ++k)
      rune = rune << 6 | (static_cast<unsigned char>(bytes[i + k]) & 0x3FU);
    out += static_cast<char32_t>(rune);
    i += size;
  }
  return out;
}

void append_encoded(std::string& out, char32_t rune) {
  auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  std::uint32_t value = rune;
  if (value < 0x80) return put(value);
  if (value < 0x800) return put(0xC0 | value >> 6), put(0x80 | (value & 0x3F));
  if (value < 0x10000) {
    return put(0xE0 | value >> 12), put(0x80 | (value >> 6 & 0x3F)), put(0x80 | (value & 0x3F));
  }
  put(0xF0 | value >> 18);
  put(0x80 | (value >> 12 & 0x3F));
  put(0x80 | (value >> 6 & 0x3F));
  put(0x80 | (value & 0x3F));
}

std::size_t common_prefix(View a, View b) {
  std::size_t size = 0;
  while (size < a.size() && size < b.size() && a[size] == b[size]) ++size;
  return size;
}

std::size_t common_suffix(View a, View b) {
  std::size_t size = 0;
  while (size < a.size() && size < b.size() && a[a.size() - 1 - size] == b[b.size() - 1 - size])
    ++size;
  return size;
}

// ---- Tidying ----

/// Joins neighbours of one kind, and moves what removals and insertions have in common at their
/// ends into the text around them.
class Joiner {
 public:
  Edits joined(Edits edits) {
    edits.push_back({Op::keep, {}});
    for (Edit& edit : edits) {
      switch (edit.op) {
        case Op::remove:
          ++removals_;
          removed_ += edit.text;
          break;
        case Op::insert:
          ++insertions_;
          inserted_ += edit.text;
          break;
        case Op::keep:
          keep(edit.text);
      }
    }
    if (out_.back().text.empty()) out_.pop_back();
    return std::move(out_);
  }

 private:
  void keep(Text text) {
    bool changes = removals_ + insertions_ > 0;
    if (removals_ > 0 && insertions_ > 0) share_ends(text);
    if (removals_ > 0) out_.push_back({Op::remove, removed_});
    if (insertions_ > 0) out_.push_back({Op::insert, inserted_});
    if (!changes && !out_.empty() && out_.back().op == Op::keep)
      out_.back().text += text;
    else
      out_.push_back({Op::keep, std::move(text)});
    removals_ = insertions_ = 0;
    removed_.clear();
    inserted_.clear();
  }

  void share_ends(Text& behind) {
    std::size_t size = common_prefix(inserted_, removed_);
    if (size > 0) {
      Text shared = inserted_.substr(0, size);
      if (!out_.empty() && out_.back().op == Op::keep)
        out_.back().text += shared;
      else
        out_.insert(out_.begin(), {Op::keep, shared});
      inserted_.erase(0, size);
      removed_.erase(0, size);
    }
    size = common_suffix(inserted_, removed_);
    behind.insert(0, inserted_, inserted_.size() - size, size);
    inserted_.resize(inserted_.size() - size);
    removed_.resize(removed_.size() - size);
  }

  Edits out_;
  std::size_t removals_ = 0, insertions_ = 0;
  Text removed_, inserted_;
};

/// Shifts edits between two kept texts over one of them, where it is a part of the edit: what is
/// left has fewer parts. True if one was shifted.
bool shift(Edits& edits) {
  bool shifted = false;
  for (std::size_t i = 1; i + 1 < edits.size(); ++i) {
    Edit &before = edits[i - 1], &edit = edits[i], &behind = edits[i + 1];
    if (before.op != Op::keep || behind.op != Op::keep) continue;
    if (edit.text.ends_with(before.text)) {
      edit.text = before.text + edit.text.substr(0, edit.text.size() - before.text.size());
      behind.text = before.text + behind.text;
      edits.erase(edits.begin() + static_cast<std::ptrdiff_t>(i) - 1);
      shifted = true;
    } else if (edit.text.starts_with(behind.text)) {
      before.text += behind.text;
      edit.text = edit.text.substr(behind.text.size()) + behind.text;
      edits.erase(edits.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      shifted = true;
    }
  }
  return shifted;
}

Edits tidied(Edits edits) {
  do {
    edits = Joiner().joined(std::move(edits));
  } while (shift(edits));
  return edits;
}

// ---- Comparing ----

/// A part that both texts share, and what is in front of it and behind it in each.
struct Halves {
  View a_front, a_behind, b_front, b_behind;
  Text common;
};

std::optional<Halves> shared_part(View a, View b, std::size_t from) {
  View seed = a.substr(from, a.size() / 4);
  std::size_t best = 0, best_at = 0, best_front = 0;
  for (std::size_t at = b.find(seed); at != View::npos; at = b.find(seed, at + 1)) {
    std::size_t behind = common_prefix(a.substr(from), b.substr(at));
    std::size_t front = common_suffix(a.substr(0, from), b.substr(0, at));
    if (behind + front <= best) continue;
    best = behind + front;
    best_at = at;
    best_front = front;
  }
  if (best * 2 < a.size()) return std::nullopt;
  std::size_t first_a = from - best_front, first_b = best_at - best_front;
  return Halves{a.substr(0, first_a), a.substr(first_a + best), b.substr(0, first_b),
                b.substr(first_b + best), Text(a.substr(first_a, best))};
}

/// A part that is at least half as long as `a`, the longer text.
std::optional<Halves> long_shared_part(View a, View b) {
  if (a.size() < 4 || b.size() * 2 < a.size()) return std::nullopt;
  std::optional<Halves> second = shared_part(a, b, (a.size() + 3) / 4);
  std::optional<Halves> third = shared_part(a, b, (a.size() + 1) / 2);
  if (!second || !third) return second ? second : third;
  return second->common.size() > third->common.size() ? second : third;
}

class Comparison {
 public:
  Edits compare(View a, View b) {
    if (a == b) return a.empty() ? Edits{} : Edits{{Op::keep, Text(a)}};
    std::size_t front = common_prefix(a, b);
    Text prefix(a.substr(0, front));
    a.remove_prefix(front);
    b.remove_prefix(front);
    std::size_t behind = common_suffix(a, b);
    Text suffix(a.substr(a.size() - behind));
    a.remove_suffix(behind);
    b.remove_suffix(behind);
    Edits out;
    if (!prefix.empty()) out.push_back({Op::keep, prefix});
    append(out, middle(a, b));
    if (!suffix.empty()) out.push_back({Op::keep, suffix});
    return tidied(std::move(out));
  }

 private:
  static void append(Edits& out, Edits more) {
    for (Edit& edit : more) out.push_back(std::move(edit));
  }

  static Edits replaced(View a, View b) { return {{Op::remove, Text(a)}, {Op::insert, Text(b)}}; }

  Edits joined(View a_front, View b_front, Text common, View a_behind, View b_behind) {
    Edits out = compare(a_front, b_front);
    if (!common.empty()) out.push_back({Op::keep, std::move(common)});
    append(out, compare(a_behind, b_behind));
    return out;
  }

  Edits middle(View a, View b) {
    if (a.empty()) return {{Op::insert, Text(b)}};
    if (b.empty()) return {{Op::remove, Text(a)}};
    bool removes = a.size() > b.size();
    View longer = removes ? a : b, shorter = removes ? b : a;
    if (std::size_t at = longer.find(shorter); at != View::npos) {
      Op op = removes ? Op::remove : Op::insert;
      return {{op, Text(longer.substr(0, at))},
              {Op::keep, Text(shorter)},
              {op, Text(longer.substr(at + shorter.size()))}};
    }
    if (shorter.size() == 1) return replaced(a, b);
    if (std::optional<Halves> halves = long_shared_part(longer, shorter)) {
      if (removes) {
        return joined(halves->a_front, halves->b_front, halves->common, halves->a_behind,
                      halves->b_behind);
      }
      return joined(halves->b_front, halves->a_front, halves->common, halves->b_behind,
                    halves->a_behind);
    }
    return bisected(a, b);
  }

  /// How far the ways from one end have come on each diagonal.
  struct Front {
    Front(std::size_t size, std::ptrdiff_t offset) : reach(size, -1), offset(offset) { at(1) = 0; }
    std::ptrdiff_t& at(std::ptrdiff_t diagonal) {
      return reach[static_cast<std::size_t>(offset + diagonal)];
    }
    bool has(std::ptrdiff_t diagonal) const {
      std::ptrdiff_t place = offset + diagonal;
      return place >= 0 && place < static_cast<std::ptrdiff_t>(reach.size()) &&
             reach[static_cast<std::size_t>(place)] != -1;
    }
    /// Where a way of one more edit starts on a diagonal.
    std::ptrdiff_t next(std::ptrdiff_t diagonal, std::ptrdiff_t edits) {
      bool from_above =
          diagonal == -edits || (diagonal != edits && at(diagonal - 1) < at(diagonal + 1));
      return from_above ? at(diagonal + 1) : at(diagonal - 1) + 1;
    }

    std::vector<std::ptrdiff_t> reach;
    std::ptrdiff_t offset;
    std::ptrdiff_t skip_first = 0, skip_last = 0;  // diagonals that have left the texts
  };

  Edits bisected(View a, View b) {
    auto size_a = static_cast<std::ptrdiff_t>(a.size());
    auto size_b = static_cast<std::ptrdiff_t>(b.size());
    std::ptrdiff_t most = (size_a + size_b + 1) / 2, delta = size_a - size_b;
    Front ahead(static_cast<std::size_t>(2 * most), most);
    Front back(static_cast<std::size_t>(2 * most), most);
    bool odd = delta % 2 != 0;
    for (std::ptrdiff_t edits = 0; edits < most && work_ > 0; ++edits) {
      for (std::ptrdiff_t k = -edits + ahead.skip_first; k <= edits - ahead.skip_last; k += 2) {
        std::ptrdiff_t x = ahead.next(k, edits), y = x - k;
        --work_;
        while (x < size_a && y < size_b && a[std::size_t(x)] == b[std::size_t(y)]) ++x, ++y;
        ahead.at(k) = x;
        if (x > size_a) {
          ahead.skip_last += 2;
        } else if (y > size_b) {
          ahead.skip_first += 2;
        } else if (odd && back.has(delta - k) && x >= size_a - back.at(delta - k)) {
          return split(a, b, x, y);
        }
      }
      for (std::ptrdiff_t k = -edits + back.skip_first; k <= edits - back.skip_last; k += 2) {
        std::ptrdiff_t x = back.next(k, edits), y = x - k;
        --work_;
        while (x < size_a && y < size_b &&
               a[std::size_t(size_a - x - 1)] == b[std::size_t(size_b - y - 1)])
          ++x, ++y;
        back.at(k) = x;
        if (x > size_a) {
          back.skip_last += 2;
        } else if (y > size_b) {
          back.skip_first += 2;
        } else if (!odd && ahead.has(delta - k) && ahead.at(delta - k) >= size_a - x) {
          std::ptrdiff_t met = ahead.at(delta - k);
          return split(a, b, met, met - (delta - k));
        }
      }
    }
    return replaced(a, b);
  }

  Edits split(View a, View b, std::ptrdiff_t x, std::ptrdiff_t y) {
    auto at_a = static_cast<std::size_t>(x), at_b = static_cast<std::size_t>(y);
    return joined(a.substr(0, at_a), b.substr(0, at_b), {}, a.substr(at_a), b.substr(at_b));
  }

  std::ptrdiff_t work_ = 200'000'000;  // steps, about a second
};

void append_colored(std::string& out, const Text& text, const char* color) {
  out += color;
  for (char32_t rune : text) {
    if (rune == U'\n')
      out.append("\x1b[0m\n").append(color);
    else
      append_encoded(out, rune);
  }
  out += "\x1b[0m";
}

}  // namespace

std::string colored_difference(const std::string& before, const std::string& after) {
  std::string out;
  for (const Edit& edit : Comparison().compare(decoded(before), decoded(after))) {
    if (edit.op == Op::keep) {
      for (char32_t rune : edit.text) append_encoded(out, rune);
    } else {
      append_colored(out, edit.text, edit.op == Op::insert ? "\x1b[32m" : "\x1b[31m");
    }
  }
  return out;
}

}  // namespace lictor::cli
