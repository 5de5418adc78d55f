#pragma once

#include "haiga/base/check.hpp"
#include "haiga/tensor/dtype.hpp"
#include "haiga/tensor/shape.hpp"

#include <span>
#include <type_traits>

namespace haiga {

/// A dense row-major array that somebody else owns, its element type known to the compiler.
template <class T>
class tensor_view {
public:
    tensor_view() = default;
    tensor_view(T* data, haiga::shape dims) : data_(data), shape_(dims) {}
    template <class U>
    requires(std::is_same_v<T, U const>) // a template, so that it is never the copy constructor
        tensor_view(tensor_view<U> const& other) // NOLINT(google-explicit-constructor)
        : data_(other.data()), shape_(other.shape())
    {
    }

    [[nodiscard]] auto data() const -> T* { return data_; }
    [[nodiscard]] auto shape() const -> haiga::shape const& { return shape_; }
    [[nodiscard]] auto elements() const -> std::int64_t { return shape_.elements(); }
    [[nodiscard]] auto flat() const -> std::span<T>
    {
        return {data_, static_cast<std::size_t>(elements())};
    }

    template <class... Index>
    [[nodiscard]] auto operator()(Index... index) const -> T&
    {
        HAIGA_CHECK(sizeof...(Index) == static_cast<std::size_t>(shape_.rank()));
        std::int64_t offset = 0;
        int axis = 0;
        ((offset = offset * shape_[axis++] + static_cast<std::int64_t>(index)), ...);
        return data_[offset];
    }

private:
    T* data_ = nullptr;
    haiga::shape shape_;
};

/// The same with the element type as a value: what crosses from graphs to backends.
class any_view {
public:
    any_view() = default;
    any_view(void* data, dtype type, haiga::shape dims) : data_(data), type_(type), shape_(dims) {}

    template <class T>
    any_view(tensor_view<T> v) // NOLINT(google-explicit-constructor): the same view, told otherwise
        : data_(const_cast<std::remove_const_t<T>*>(v.data())),
          type_(dtype_of<std::remove_const_t<T>>), shape_(v.shape())
    {
    }

    [[nodiscard]] auto data() const -> void* { return data_; }
    [[nodiscard]] auto type() const -> dtype { return type_; }
    [[nodiscard]] auto shape() const -> haiga::shape const& { return shape_; }
    [[nodiscard]] auto elements() const -> std::int64_t { return shape_.elements(); }
    [[nodiscard]] auto bytes() const -> std::size_t
    {
        return static_cast<std::size_t>(elements()) * size_of(type_);
    }
    [[nodiscard]] explicit operator bool() const { return data_ != nullptr; }

    template <class T>
    [[nodiscard]] auto as() const -> tensor_view<T>
    {
        HAIGA_CHECK(type_ == dtype_of<std::remove_const_t<T>>, "view of ", to_string(type_));
        return {static_cast<T*>(data_), shape_};
    }

private:
    void* data_ = nullptr;
    dtype type_ = dtype::f32;
    haiga::shape shape_;
};

} // namespace haiga
