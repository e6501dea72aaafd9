#include "event/ciphers/ipcrypt.hpp"

#include <array>
#include <cstdint>

#include <nettle/aes.h>

namespace turnstile::event {

namespace {

constexpr std::size_t block_bytes = AES_BLOCK_SIZE;
constexpr std::size_t address_bits = 128;
constexpr std::size_t v4_begin = 96;  ///< First bit of an IPv4 in the address it is mapped to.

/// 128 bits that go round: the top bit out, another in at the bottom.
struct shift_register {
  std::uint64_t high;
  std::uint64_t low;

  void push(unsigned bit) {
    high = high << 1U | low >> 63U;
    low = low << 1U | bit;
  }
  void write(std::uint8_t* to) const {
    for (unsigned i = 0; i < 8; ++i) {
      to[i] = static_cast<std::uint8_t>(high >> (56U - 8U * i));
      to[8 + i] = static_cast<std::uint8_t>(low >> (56U - 8U * i));
    }
  }
};

/// The draft's padded prefix of no bits: a one and then the prefix, of an IPv4 that of its mapping.
constexpr shift_register empty_prefix(bool is_v4) {
  return is_v4 ? shift_register{std::uint64_t{1} << 32U, 0xffff} : shift_register{0, 1};
}

unsigned bit_of(const address& value, std::size_t bit) {
  return value.bytes[bit / 8] >> (7U - bit % 8) & 1U;
}

void set_bit(address& value, std::size_t bit, unsigned to) {
  value.bytes[bit / 8] = static_cast<std::uint8_t>(value.bytes[bit / 8] | to << (7U - bit % 8));
}

/// The bits of the mapping where there is one, all others 0.
address begin_of(bool is_v4) {
  address begin;
  if (is_v4) begin.bytes[10] = begin.bytes[11] = 0xff;
  return begin;
}

}  // namespace

struct ipcrypt_cipher::schedules {
  aes128_ctx encrypt;
  aes128_ctx decrypt;
};

ipcrypt_cipher::ipcrypt_cipher(std::span<const unsigned char, key_bytes> key)
  : keys_([key](schedules& to) {
      aes128_set_encrypt_key(&to.encrypt, key.data());
      aes128_invert_key(&to.decrypt, &to.encrypt);
    }) {}

address ipcrypt_cipher::encrypt(const address& value) const {
  address result;
  aes128_encrypt(&keys_->encrypt, block_bytes, result.bytes.data(), value.bytes.data());
  return result;
}

address ipcrypt_cipher::decrypt(const address& value) const {
  address result;
  aes128_decrypt(&keys_->decrypt, block_bytes, result.bytes.data(), value.bytes.data());
  return result;
}

struct ipcrypt_pfx_cipher::schedules {
  aes128_ctx first;
  aes128_ctx second;
};

ipcrypt_pfx_cipher::ipcrypt_pfx_cipher(std::span<const unsigned char, key_bytes> key)
  : keys_([key](schedules& to) {
      aes128_set_encrypt_key(&to.first, key.data());
      aes128_set_encrypt_key(&to.second, key.data() + key_bytes / 2);
    }) {}

/// All prefixes are known beforehand, so that each key encrypts all of them in one call.
address ipcrypt_pfx_cipher::encrypt(const address& value) const {
  using blocks = std::array<std::uint8_t, address_bits * block_bytes>;
  const bool is_v4 = value.is_v4();
  const std::size_t begin = is_v4 ? v4_begin : 0;
  const std::size_t bytes = (address_bits - begin) * block_bytes;
  blocks prefixes;
  shift_register prefix = empty_prefix(is_v4);
  for (std::size_t at = 0; at < bytes; at += block_bytes) {
    prefix.write(&prefixes[at]);
    prefix.push(bit_of(value, begin + at / block_bytes));
  }
  blocks first;
  aes128_encrypt(&keys_->first, bytes, first.data(), prefixes.data());
  aes128_encrypt(&keys_->second, bytes, prefixes.data(), prefixes.data());
  address result = begin_of(is_v4);
  for (std::size_t bit = begin; bit < address_bits; ++bit) {
    const std::size_t last = (bit - begin + 1) * block_bytes - 1;
    set_bit(result, bit, bit_of(value, bit) ^ ((first[last] ^ prefixes[last]) & 1U));
  }
  return result;
}

/// Each bit is part of the next prefix, so that there is one block after the other.
address ipcrypt_pfx_cipher::decrypt(const address& value) const {
  const bool is_v4 = value.is_v4();
  address result = begin_of(is_v4);
  shift_register prefix = empty_prefix(is_v4);
  for (std::size_t bit = is_v4 ? v4_begin : 0; bit < address_bits; ++bit) {
    std::array<std::uint8_t, block_bytes> block;
    std::array<std::uint8_t, block_bytes> first;
    prefix.write(block.data());
    aes128_encrypt(&keys_->first, block_bytes, first.data(), block.data());
    aes128_encrypt(&keys_->second, block_bytes, block.data(), block.data());
    const unsigned original = bit_of(value, bit) ^ ((first.back() ^ block.back()) & 1U);
    set_bit(result, bit, original);
    prefix.push(original);
  }
  return result;
}

}  // namespace turnstile::event
