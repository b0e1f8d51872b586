// console.table: rows and columns in a frame.
#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "runtime/inspect/format.h"
#include "runtime/utf8.h"

namespace sandglass::runtime::inspect {

using engine::JsValue;
using engine::PreludeFunction;

namespace {

struct Column {
  std::string name;
  std::map<std::size_t, std::string> cells{};  // by row
  std::size_t position = 0;
};

class Table {
 public:
  Table(Reader& reader, const Settings& settings, Room& room)
      : reader_(reader), settings_(settings), room_(room) {
    settings_.layout.max_array_length = 3;
    settings_.layout.break_length = Layout::kEndless;
  }

  std::string draw(JsValue data, JsValue columns) {
    const Held held = reader_.target(data);
    if (held.get().is_object()) {
      const Kind kind = reader_.kind(held.get());
      if (kind == Kind::map || kind == Kind::set) {
        collect_entries(held.get(), kind == Kind::map);
      } else {
        collect_rows(held.get(), columns);
      }
    }
    return render();
  }

 private:
  bool goes_on() const { return !room_.full() && !reader_.stopped(); }

  std::string cell(JsValue value) {
    Settings settings = settings_;
    settings.depth = has_many_keys(value) ? -1 : 0;
    return to_valid_utf8(Inspector(reader_, settings, room_).show(value));
  }

  bool has_many_keys(JsValue value) {
    if (!value.is_object()) return false;
    const Held target = reader_.target(value);
    if (!target.get().is_object()) return false;
    const Kind kind = reader_.kind(target.get());
    if (kind == Kind::array || kind == Kind::typed_array) return false;
    Keys keys(reader_.engine());
    reader_.list(keys, target.get(), true, false);
    return std::ranges::count_if(keys.all(), [](const Key& key) { return !key.is_symbol; }) > 2;
  }

  void collect_entries(JsValue object, bool is_map) {
    columns_ = {{.name = "(iteration index)"}};
    if (is_map) columns_.push_back({.name = "Key"});
    columns_.push_back({.name = "Values"});
    const std::array<JsValue, 2> arguments = {object, JsValue::integer(kMostParts)};
    const Held list =
        reader_.call(is_map ? PreludeFunction::map_part : PreludeFunction::set_part, arguments);
    const std::vector<Held> parts = reader_.elements(list.get());
    const std::size_t step = is_map ? 2 : 1;
    for (std::size_t i = 1; i + step <= parts.size() && goes_on(); i += step, ++rows_) {
      columns_[0].cells[rows_] = cell(JsValue::integer(static_cast<std::int32_t>(rows_)));
      for (std::size_t k = 0; k < step; ++k)
        columns_[k + 1].cells[rows_] = cell(parts[i + k].get());
    }
  }

  void collect_rows(JsValue object, JsValue names) {
    columns_ = {{.name = "(index)"}};
    std::vector<std::string> wanted;
    const bool only_wanted = names.is_object();
    if (only_wanted) wanted = names_in(names);
    for (const std::string& name : wanted) static_cast<void>(column(name));

    Keys keys(reader_.engine());
    reader_.list(keys, object, true, false);
    Column values = {.name = "Values"};
    for (const Key& key : keys.all()) {
      if (!goes_on()) return;
      if (key.is_symbol) continue;
      columns_[0].cells[rows_] = counted(to_valid_utf8(reader_.name(key)));
      const auto item = reader_.own(object, key.atom);
      if (item && (item->has_getter || item->has_setter)) {
        values.cells[rows_] = counted("[Getter]");
      } else if (item && !item->value.get().is_object()) {
        if (!only_wanted) values.cells[rows_] = cell(item->value.get());
      } else if (item) {
        collect_row(item->value.get(), only_wanted ? &wanted : nullptr);
      }
      ++rows_;
    }
    sort_columns();
    if (!values.cells.empty()) columns_.push_back(std::move(values));
  }

  void collect_row(JsValue item, const std::vector<std::string>* wanted) {
    const Held held = reader_.target(item);
    if (!held.get().is_object()) return;
    Keys keys(reader_.engine());
    reader_.list(keys, held.get(), true, wanted != nullptr);
    for (const Key& key : keys.all()) {
      if (!goes_on()) return;
      if (key.is_symbol) continue;
      const std::string name = reader_.name(key);
      if (wanted != nullptr && std::ranges::find(*wanted, name) == wanted->end()) continue;
      const auto found = reader_.own(held.get(), key.atom);
      if (!found) continue;
      const bool computed = found->has_getter || found->has_setter;
      column(name).cells[rows_] = computed ? counted("[Getter]") : cell(found->value.get());
    }
  }

  std::string counted(std::string text) {
    if (!room_.take(text.size())) text.clear();
    return text;
  }

  Column& column(const std::string& name) {
    const auto [at, added] = by_name_.try_emplace(name, columns_.size());
    if (added) columns_.push_back({.name = counted(name), .position = at->second});
    return columns_[at->second];
  }

  std::vector<std::string> names_in(JsValue array) {
    std::vector<std::string> names;
    const Held held = reader_.target(array);
    if (!held.get().is_object()) return names;
    const std::uint64_t length = std::min<std::uint64_t>(reader_.array_length(held.get()), 10000);
    for (std::uint32_t i = 0; i < length && goes_on(); ++i) {
      const auto name = reader_.own(held.get(), reader_.index_atom(i));
      if (name && !name->value.get().is_object()) names.push_back(reader_.text(name->value.get()));
    }
    return names;
  }

  // Columns that are named by an index come first, as properties of an object do.
  void sort_columns() {
    const auto index_of = [](const Column& column) -> std::uint64_t {
      const std::string& name = column.name;
      const bool is_index = !name.empty() && name.size() < 10 &&
                            std::ranges::all_of(
                                name, [](char c) { return c >= '0' && c <= '9'; }) &&
                            (name == "0" || name[0] != '0');
      return is_index ? std::stoull(name) : UINT64_MAX;
    };
    std::sort(columns_.begin() + 1, columns_.end(), [&](const Column& a, const Column& b) {
      return std::pair(index_of(a), a.position) < std::pair(index_of(b), b.position);
    });
  }

  std::string render() {
    std::vector<std::size_t> widths;
    widths.reserve(columns_.size());
    std::size_t line_bytes = 0;
    for (Column& column : columns_) {
      column.name = to_valid_utf8(std::move(column.name));
      std::size_t width = columns_of(column.name);
      for (const auto& [row, text] : column.cells) width = std::max(width, columns_of(text));
      widths.push_back(width);
      line_bytes += width + 2;
    }
    // Before any of it is drawn: few cells may span many rows and columns.
    if (line_bytes != 0 && !room_.has(line_bytes * rows_)) room_.take(SIZE_MAX);
    if (!goes_on()) return {};

    std::string text = frame(widths, "┌", "┬", "┐\n");
    std::vector<std::string> row;
    row.reserve(columns_.size());
    for (const Column& column : columns_) row.push_back(column.name);
    text += line(row, widths) + frame(widths, "├", "┼", "┤\n");
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t k = 0; k < columns_.size(); ++k) {
        const auto at = columns_[k].cells.find(i);
        row[k] = at != columns_[k].cells.end() ? at->second : std::string();
      }
      text += line(row, widths);
    }
    text += frame(widths, "└", "┴", "┘");
    return counted(std::move(text));
  }

  static std::string frame(const std::vector<std::size_t>& widths, std::string_view left,
                           std::string_view middle, std::string_view right) {
    std::string text(left);
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (i != 0) text += middle;
      for (std::size_t k = 0; k < widths[i] + 2; ++k) text += "─";
    }
    return text += right;
  }

  static std::string line(const std::vector<std::string>& cells,
                          const std::vector<std::size_t>& widths) {
    std::string text = "│ ";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i != 0) text += " │ ";
      text += cells[i];
      text.append(widths[i] - columns_of(cells[i]), ' ');
    }
    return text += " │\n";
  }

  Reader& reader_;
  Settings settings_;
  Room& room_;
  std::vector<Column> columns_;
  std::map<std::string, std::size_t> by_name_;
  std::size_t rows_ = 0;
};

}  // namespace

std::string table(Reader& reader, const Settings& settings, Room& room, JsValue data,
                  JsValue columns) {
  return Table(reader, settings, room).draw(data, columns);
}

}  // namespace sandglass::runtime::inspect
