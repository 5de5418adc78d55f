#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/base/utf8.hpp"
#include "haiga/checkpoint/pickle.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <span>
#include <string_view>
#include <unordered_map>

namespace haiga::checkpoint::pickle {

struct limits {
    std::size_t max_values = std::size_t{1} << 22U;
};

/// A pickle and how many bytes it took: another may follow.
struct parsed {
    document contents;
    std::size_t bytes = 0;
};

namespace detail {

/// The opcodes by their names in pickletools.
enum class op : std::uint8_t {
    mark = '(',
    stop = '.',
    pop = '0',
    pop_mark = '1',
    dup = '2',
    float_text = 'F',
    int_text = 'I',
    binint = 'J',
    binint1 = 'K',
    long_text = 'L',
    binint2 = 'M',
    none = 'N',
    persid = 'P',
    binpersid = 'Q',
    reduce = 'R',
    string_text = 'S',
    binstring = 'T',
    short_binstring = 'U',
    unicode_text = 'V',
    binunicode = 'X',
    append = 'a',
    build = 'b',
    global = 'c',
    dict = 'd',
    empty_dict = '}',
    appends = 'e',
    get_text = 'g',
    binget = 'h',
    inst = 'i',
    long_binget = 'j',
    list = 'l',
    empty_list = ']',
    obj = 'o',
    put_text = 'p',
    binput = 'q',
    long_binput = 'r',
    setitem = 's',
    tuple = 't',
    empty_tuple = ')',
    setitems = 'u',
    binfloat = 'G',
    binbytes = 'B',
    short_binbytes = 'C',
    proto = 0x80,
    newobj,
    ext1,
    ext2,
    ext4,
    tuple1,
    tuple2,
    tuple3,
    newtrue,
    newfalse,
    long1,
    long4,
    short_binunicode,
    binunicode8,
    binbytes8,
    empty_set,
    additems,
    frozenset,
    newobj_ex,
    stack_global,
    memoize,
    frame,
    bytearray8,
    next_buffer,
    readonly_buffer
};

/// Takes an argument of an opcode after the other; after the end it gives nothing and says so.
class cursor {
public:
    explicit cursor(std::span<std::byte const> text) : text_(text) {}

    [[nodiscard]] auto at() const -> std::size_t { return at_; }

    template <std::unsigned_integral T>
    auto number() -> result<T>
    {
        HAIGA_TRY(auto const bytes, take(sizeof(T)));
        return load_le<T>(as_bytes(bytes));
    }

    /// The bytes behind a length of type Length.
    template <std::unsigned_integral Length>
    auto counted() -> result<std::string_view>
    {
        HAIGA_TRY(auto const length, number<Length>());
        return take(length);
    }

    auto take(std::uint64_t length) -> result<std::string_view>
    {
        if (length > text_.size() - at_) {
            return fail(errc::truncated, "need ", length, " bytes, have ", text_.size() - at_);
        }
        return as_text(text_.subspan(std::exchange(at_, at_ + length), length));
    }

    auto line() -> result<std::string_view>
    {
        auto const rest = as_text(text_.subspan(at_));
        auto const length = rest.find('\n');
        if (length == std::string_view::npos) {
            return fail(errc::truncated, "a line has no end");
        }
        at_ += length + 1;
        return rest.substr(0, length);
    }

private:
    std::span<std::byte const> text_;
    std::size_t at_ = 0;
};

/// Two's complement of any length, lowest byte first.
inline auto integer_of(std::string_view digits) -> value
{
    if (digits.size() > sizeof(std::int64_t)) {
        return big_integer{std::string(digits)};
    }
    bool const negative = !digits.empty() && (static_cast<unsigned char>(digits.back()) & 0x80U);
    std::uint64_t bits = negative ? ~std::uint64_t{0} : 0;
    for (auto i = digits.size(); i-- > 0;) {
        bits = (bits << 8U) | static_cast<unsigned char>(digits[i]);
    }
    return static_cast<std::int64_t>(bits);
}

template <class T>
auto number_of(std::string_view digits) -> result<T>
{
    T number{};
    auto const end = digits.data() + digits.size();
    auto const [stop, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc{} || stop != end || digits.empty()) {
        return fail(errc::invalid, '"', digits, "\" is not a number");
    }
    return number;
}

} // namespace detail

/// The machine that pickles are programs for, without the part that executes.
template <class Allowed>
class machine {
    using op = detail::op;

public:
    machine(std::span<std::byte const> text, Allowed const& allowed, limits l)
        : text_(text), allowed_(allowed), limits_(l)
    {
    }

    auto run() -> result<parsed>
    {
        for (;;) {
            auto const at = text_.at();
            HAIGA_TRY(auto const code, text_.number<std::uint8_t>());
            if (static_cast<op>(code) == op::stop) {
                break;
            }
            auto const done = step(static_cast<op>(code)).map_error([&](failure&& f) {
                return std::move(f).at(at);
            });
            HAIGA_TRY_VOID(done);
        }
        HAIGA_TRY(auto const root, pop());
        HAIGA_TRY_VOID(check_acyclic());
        return parsed{document(std::move(values_), root), text_.at()};
    }

private:
    // ---- the stack. Marks are places in it.

    auto push(value v) -> result<>
    {
        if (values_.size() >= limits_.max_values) {
            return fail(errc::too_large, "more than ", limits_.max_values, " values");
        }
        stack_.push_back(static_cast<ref>(values_.size()));
        values_.push_back(std::move(v));
        return {};
    }

    [[nodiscard]] auto above_mark() const -> std::size_t
    {
        return stack_.size() - (marks_.empty() ? 0 : marks_.back());
    }

    auto pop() -> result<ref>
    {
        if (above_mark() == 0) {
            return fail(errc::invalid, "the stack is empty");
        }
        auto const top = stack_.back();
        stack_.pop_back();
        return top;
    }

    auto top() -> result<ref>
    {
        HAIGA_TRY(auto const found, pop());
        stack_.push_back(found);
        return found;
    }

    auto pop_marked() -> result<std::vector<ref>>
    {
        if (marks_.empty()) {
            return fail(errc::invalid, "no mark is on the stack");
        }
        auto const first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
        std::vector<ref> items(first, stack_.end());
        stack_.erase(first, stack_.end());
        marks_.pop_back();
        return items;
    }

    auto pop_some(std::size_t count) -> result<std::vector<ref>>
    {
        if (above_mark() < count) {
            return fail(errc::invalid, "the stack is empty");
        }
        auto const first = stack_.end() - static_cast<std::ptrdiff_t>(count);
        std::vector<ref> items(first, stack_.end());
        stack_.erase(first, stack_.end());
        return items;
    }

    // ---- what opcodes do

    auto push_text(result<std::string_view> const& text) -> result<>
    {
        HAIGA_TRY(auto const found, text);
        if (auto const bad = find_invalid_utf8(found)) {
            return fail(errc::invalid, "a text is not UTF-8 at its byte ", *bad);
        }
        return push(std::string(found));
    }

    /// Python 2 has one type for text and bytes.
    auto push_either(result<std::string_view> const& data) -> result<>
    {
        HAIGA_TRY(auto const found, data);
        return find_invalid_utf8(found) ? push_bytes(found) : push(std::string(found));
    }

    auto push_bytes(result<std::string_view> const& data) -> result<>
    {
        HAIGA_TRY(auto const found, data);
        return push(bytes{std::string(found)});
    }

    auto push_sequence(sequence_kind kind, result<std::vector<ref>> items) -> result<>
    {
        HAIGA_TRY(auto found, std::move(items));
        return push(sequence{kind, std::move(found)});
    }

    template <std::unsigned_integral T>
    auto push_number() -> result<>
    {
        HAIGA_TRY(auto const n, text_.number<T>());
        return push(static_cast<std::int64_t>(n));
    }

    auto push_global(std::string_view module, std::string_view name) -> result<>
    {
        global g{std::string(module), std::string(name)};
        if (!allowed_(g)) {
            return fail(errc::unsupported, "the pickle names ", g.full_name(),
                        ", which is not on the list of what a checkpoint may name");
        }
        return push(std::move(g));
    }

    auto push_stack_global() -> result<>
    {
        HAIGA_TRY(auto const name, pop());
        HAIGA_TRY(auto const module, pop());
        auto const* const m = std::get_if<std::string>(&values_[module]);
        auto const* const n = std::get_if<std::string>(&values_[name]);
        if (m == nullptr || n == nullptr) {
            return fail(errc::invalid, "a global's name is not a text");
        }
        return push_global(std::string(*m), std::string(*n));
    }

    /// An ordered dictionary is a dictionary here; everything else stays a description.
    auto push_call(ref callable, ref arguments) -> result<>
    {
        auto const* const g = std::get_if<global>(&values_[callable]);
        if (g == nullptr) {
            return fail(errc::invalid, "what is called is not a global");
        }
        if (*g == global{"collections", "OrderedDict"}) {
            return push_ordered(arguments);
        }
        return push(call{callable, arguments});
    }

    auto push_ordered(ref arguments) -> result<>
    {
        auto const items_of = [&](ref at) { return std::get_if<sequence>(&values_[at]); };
        auto const* const given = items_of(arguments);
        if (given == nullptr) {
            return fail(errc::invalid, "OrderedDict: the arguments are not a tuple");
        }
        mapping made;
        if (!given->items.empty()) {
            auto const* const pairs = items_of(given->items[0]);
            if (pairs == nullptr || given->items.size() > 1) {
                return fail(errc::invalid, "OrderedDict: expected a list of pairs");
            }
            for (auto const at : pairs->items) {
                auto const* const pair = items_of(at);
                if (pair == nullptr || pair->items.size() != 2) {
                    return fail(errc::invalid, "OrderedDict: expected a list of pairs");
                }
                made.items.emplace_back(pair->items[0], pair->items[1]);
            }
        }
        return push(std::move(made));
    }

    /// INST and OBJ: a class and its arguments above a mark.
    auto push_instance(ref callable, std::vector<ref> arguments) -> result<>
    {
        HAIGA_TRY_VOID(push(sequence{sequence_kind::tuple, std::move(arguments)}));
        HAIGA_TRY(auto const tuple, pop());
        return push_call(callable, tuple);
    }

    auto extend(std::vector<ref> const& items) -> result<>
    {
        HAIGA_TRY(auto const at, top());
        if (auto* const list = std::get_if<sequence>(&values_[at])) {
            if (list->kind == sequence_kind::tuple) {
                return fail(errc::invalid, "a tuple cannot grow");
            }
            list->items.insert(list->items.end(), items.begin(), items.end());
            return {};
        }
        return is_described(at) ? result<>() : fail(errc::invalid, "what grows is no list");
    }

    auto set_items(std::vector<ref> const& items) -> result<>
    {
        if (items.size() % 2 != 0) {
            return fail(errc::invalid, "a key has no value");
        }
        HAIGA_TRY(auto const at, top());
        if (auto* const map = std::get_if<mapping>(&values_[at])) {
            for (std::size_t i = 0; i < items.size(); i += 2) {
                map->items.emplace_back(items[i], items[i + 1]);
            }
            return {};
        }
        return is_described(at) ? result<>() : fail(errc::invalid, "what takes keys is no dict");
    }

    /// The contents of an object that is only described are of no interest.
    [[nodiscard]] auto is_described(ref at) const -> bool
    {
        return std::holds_alternative<call>(values_[at]);
    }

    auto push_memo(std::uint64_t index) -> result<>
    {
        auto const at = memo_.find(index);
        if (at == memo_.end()) {
            return fail(errc::invalid, "nothing is remembered under ", index);
        }
        stack_.push_back(at->second);
        return {};
    }

    auto remember(std::uint64_t index) -> result<>
    {
        HAIGA_TRY(auto const found, top());
        memo_[index] = found;
        return {};
    }

    /// Where pickles of protocol 0 have text, they quote it; escapes do not occur in checkpoints.
    auto push_quoted() -> result<>
    {
        HAIGA_TRY(auto const line, text_.line());
        bool const quoted = line.size() >= 2 && line.front() == line.back() &&
                            (line.front() == '\'' || line.front() == '"');
        if (!quoted || line.find('\\') != std::string_view::npos) {
            return fail(errc::unsupported, "a quoted text with escapes");
        }
        return push_text(line.substr(1, line.size() - 2));
    }

    auto push_int_text() -> result<>
    {
        HAIGA_TRY(auto const line, text_.line());
        if (line == "00" || line == "01") {
            return push(line == "01");
        }
        HAIGA_TRY(auto const n, detail::number_of<std::int64_t>(line));
        return push(n);
    }

    auto push_long_text() -> result<>
    {
        HAIGA_TRY(auto line, text_.line());
        line.remove_suffix(line.ends_with('L') ? 1 : 0);
        HAIGA_TRY(auto const n, detail::number_of<std::int64_t>(line));
        return push(n);
    }

    auto push_float_text() -> result<>
    {
        HAIGA_TRY(auto const line, text_.line());
        HAIGA_TRY(auto const x, detail::number_of<double>(line));
        return push(x);
    }

    auto push_float() -> result<>
    {
        HAIGA_TRY(auto const bytes, text_.take(8));
        return push(std::bit_cast<double>(load_be<std::uint64_t>(as_bytes(bytes), 0)));
    }

    auto pop_one() -> result<>
    {
        if (!marks_.empty() && marks_.back() == stack_.size()) {
            marks_.pop_back();
            return {};
        }
        return pop().map([](ref) {});
    }

    auto index_of_line() -> result<std::uint64_t>
    {
        HAIGA_TRY(auto const line, text_.line());
        return detail::number_of<std::uint64_t>(line);
    }

    auto step(op code) -> result<>
    {
        using enum sequence_kind;
        switch (code) {
        case op::proto: return text_.number<std::uint8_t>().and_then(check_protocol);
        case op::frame: return text_.number<std::uint64_t>().map([](std::uint64_t) {});
        case op::mark: return marks_.push_back(stack_.size()), result<>();
        case op::pop: return pop_one();
        case op::pop_mark: return pop_marked().map([](auto const&) {});
        case op::dup: return top().map([&](ref at) { stack_.push_back(at); });
        case op::none: return push(none{});
        case op::newtrue: return push(true);
        case op::newfalse: return push(false);
        case op::empty_tuple: return push(sequence{tuple, {}});
        case op::empty_list: return push(sequence{list, {}});
        case op::empty_set: return push(sequence{set, {}});
        case op::empty_dict: return push(mapping{});
        case op::tuple: return push_sequence(tuple, pop_marked());
        case op::tuple1: return push_sequence(tuple, pop_some(1));
        case op::tuple2: return push_sequence(tuple, pop_some(2));
        case op::tuple3: return push_sequence(tuple, pop_some(3));
        case op::list: return push_sequence(list, pop_marked());
        case op::frozenset: return push_sequence(set, pop_marked());
        default: return step_scalar(code);
        }
    }

    static auto check_protocol(std::uint8_t protocol) -> result<>
    {
        constexpr int newest = 5;
        return protocol <= newest ? result<>()
                                  : fail(errc::unsupported, "protocol ", int{protocol});
    }

    auto step_scalar(op code) -> result<>
    {
        switch (code) {
        case op::binint:
            return text_.number<std::uint32_t>().and_then(
                [&](std::uint32_t n) { return push(std::int64_t{static_cast<std::int32_t>(n)}); });
        case op::binint1: return push_number<std::uint8_t>();
        case op::binint2: return push_number<std::uint16_t>();
        case op::long1: return push_long(text_.counted<std::uint8_t>());
        case op::long4: return push_long(text_.counted<std::uint32_t>());
        case op::binfloat: return push_float();
        case op::int_text: return push_int_text();
        case op::long_text: return push_long_text();
        case op::float_text: return push_float_text();
        case op::string_text: return push_quoted();
        case op::unicode_text: return push_text(text_.line());
        case op::binstring: return push_either(text_.counted<std::uint32_t>());
        case op::short_binstring: return push_either(text_.counted<std::uint8_t>());
        case op::short_binunicode: return push_text(text_.counted<std::uint8_t>());
        case op::binunicode: return push_text(text_.counted<std::uint32_t>());
        case op::binunicode8: return push_text(text_.counted<std::uint64_t>());
        case op::short_binbytes: return push_bytes(text_.counted<std::uint8_t>());
        case op::binbytes: return push_bytes(text_.counted<std::uint32_t>());
        case op::binbytes8: return push_bytes(text_.counted<std::uint64_t>());
        case op::bytearray8: return push_bytes(text_.counted<std::uint64_t>());
        default: return step_object(code);
        }
    }

    auto push_long(result<std::string_view> const& digits) -> result<>
    {
        HAIGA_TRY(auto const found, digits);
        return push(detail::integer_of(found));
    }

    auto step_object(op code) -> result<>
    {
        switch (code) {
        case op::append: return pop().and_then([&](ref at) { return extend({at}); });
        case op::appends:
        case op::additems:
            return pop_marked().and_then([&](auto const& all) { return extend(all); });
        case op::setitem:
            return pop_some(2).and_then([&](auto const& two) { return set_items(two); });
        case op::setitems:
            return pop_marked().and_then([&](auto const& all) { return set_items(all); });
        case op::dict: return push_dict();
        case op::build: return pop().and_then([&](ref) { return top(); }).map([](ref) {});
        case op::binget: return text_.number<std::uint8_t>().and_then(recall());
        case op::long_binget: return text_.number<std::uint32_t>().and_then(recall());
        case op::get_text: return index_of_line().and_then(recall());
        case op::binput: return text_.number<std::uint8_t>().and_then(keep());
        case op::long_binput: return text_.number<std::uint32_t>().and_then(keep());
        case op::put_text: return index_of_line().and_then(keep());
        case op::memoize: return remember(memo_.size());
        case op::binpersid: return pop().and_then([&](ref id) { return push(persistent{id}); });
        default: return step_name(code);
        }
    }

    auto recall()
    {
        return [this](std::uint64_t index) { return push_memo(index); };
    }
    auto keep()
    {
        return [this](std::uint64_t index) { return remember(index); };
    }

    auto push_dict() -> result<>
    {
        HAIGA_TRY(auto const items, pop_marked());
        HAIGA_TRY_VOID(push(mapping{}));
        return set_items(items);
    }

    /// Every opcode that names or calls something.
    auto step_name(op code) -> result<>
    {
        switch (code) {
        case op::global: {
            HAIGA_TRY(auto const module, text_.line());
            HAIGA_TRY(auto const name, text_.line());
            return push_global(module, name);
        }
        case op::stack_global: return push_stack_global();
        case op::inst: {
            HAIGA_TRY(auto const module, text_.line());
            HAIGA_TRY(auto const name, text_.line());
            HAIGA_TRY(auto arguments, pop_marked());
            HAIGA_TRY_VOID(push_global(module, name));
            HAIGA_TRY(auto const callable, pop());
            return push_instance(callable, std::move(arguments));
        }
        case op::obj: {
            HAIGA_TRY(auto items, pop_marked());
            if (items.empty()) {
                return fail(errc::invalid, "an object has no class");
            }
            return push_instance(items[0], {items.begin() + 1, items.end()});
        }
        case op::reduce:
        case op::newobj: {
            HAIGA_TRY(auto const two, pop_some(2));
            return push_call(two[0], two[1]);
        }
        case op::newobj_ex: {
            HAIGA_TRY(auto const three, pop_some(3));
            return push_call(three[0], three[1]);
        }
        default:
            return fail(errc::unsupported, "opcode ", static_cast<int>(code),
                        " has no place in a checkpoint");
        }
    }

    /// A value that holds itself cannot be a model.
    auto check_acyclic() const -> result<>
    {
        enum class mark : std::uint8_t { fresh, open, done };
        std::vector<mark> marks(values_.size(), mark::fresh);
        std::vector<std::pair<ref, bool>> path; // a value, and whether all inside it is done
        for (ref start = 0; start < values_.size(); ++start) {
            path.emplace_back(start, false);
            while (!path.empty()) {
                auto const [at, left] = path.back();
                path.pop_back();
                if (left) {
                    marks[at] = mark::done;
                } else if (marks[at] == mark::open) {
                    return fail(errc::invalid, "a value of the pickle contains itself");
                } else if (marks[at] == mark::fresh) {
                    marks[at] = mark::open;
                    path.emplace_back(at, true);
                    for_each_part(at, [&](ref part) {
                        if (marks[part] != mark::done) {
                            path.emplace_back(part, false);
                        }
                    });
                }
            }
        }
        return {};
    }

    template <class Use>
    void for_each_part(ref at, Use const& use) const
    {
        if (auto const* const s = std::get_if<sequence>(&values_[at])) {
            std::ranges::for_each(s->items, use);
        } else if (auto const* const m = std::get_if<mapping>(&values_[at])) {
            for (auto const& [key, held] : m->items) {
                use(key);
                use(held);
            }
        } else if (auto const* const c = std::get_if<call>(&values_[at])) {
            use(c->callable);
            use(c->arguments);
        } else if (auto const* const p = std::get_if<persistent>(&values_[at])) {
            use(p->id);
        }
    }

    detail::cursor text_;
    Allowed const& allowed_;
    limits limits_;
    std::vector<value> values_;
    std::vector<ref> stack_;
    std::vector<std::size_t> marks_;
    std::unordered_map<std::uint64_t, ref> memo_;
};

/// Reads one pickle from the start of text. allowed(global) says which classes and functions it may
/// name; they are named in the document and never called.
///
/// Errors: unsupported for a global that is not allowed, naming it, and for opcodes that reach out
///         of the file; truncated; invalid (a broken stack, a value that contains itself);
///         too_large above the limits. Each has the offset of the opcode.
/// Cost:   linear in the text, whatever it says.
template <class Allowed>
auto read_pickle(std::span<std::byte const> text, Allowed const& allowed, limits l = {})
    -> result<parsed>
{
    return machine<Allowed>(text, allowed, l).run().map_error([](failure&& f) {
        return std::move(f).within("pickle");
    });
}

} // namespace haiga::checkpoint::pickle
