#include "retrieval/ingest/byte_source.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/status.h"

namespace foraker::retrieval {
namespace {

constexpr size_t kBufferBytes = 256 << 10;

// The file as it lies on disk, through a buffer that can be looked at before it is taken.
class RawFile {
 public:
  RawFile(std::string path, base::FileDescriptor file)
      : path_(std::move(path)), file_(std::move(file)), buffer_(kBufferBytes) {}

  const std::string& path() const { return path_; }
  uint64_t bytes_taken() const { return bytes_taken_; }

  // What is buffered; reads on when there is nothing. Empty at the end of the file.
  absl::StatusOr<std::span<const char>> Peek(size_t at_least = 1) {
    if (end_ - begin_ < at_least) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    while (end_ - begin_ < at_least) {
      const ssize_t length = read(file_.get(), buffer_.data() + end_, buffer_.size() - end_);
      if (length == 0) break;
      if (length < 0) {
        if (errno == EINTR) continue;
        return base::SystemError("cannot read", path_);
      }
      end_ += static_cast<size_t>(length);
    }
    return std::span<const char>(buffer_).subspan(begin_, end_ - begin_);
  }
  void Take(size_t bytes) {
    begin_ += bytes;
    bytes_taken_ += bytes;
  }

 private:
  std::string path_;
  base::FileDescriptor file_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t bytes_taken_ = 0;
};

// Fill takes some bytes and makes some; Read calls it until the span is full.
class BufferedSource : public ByteSource {
 public:
  explicit BufferedSource(RawFile raw) : raw_(std::move(raw)) {}

  absl::StatusOr<size_t> Read(std::span<char> out) override {
    size_t done = 0;
    while (done < out.size()) {
      ASSIGN_OR_RETURN(const std::span<const char> in, raw_.Peek());
      if (in.empty() && AtBoundary()) break;
      if (in.empty()) return Broken("ends in the middle of the stream");
      ASSIGN_OR_RETURN(const size_t made, Decode(in, out.subspan(done)));
      done += made;
      produced_ += made;
    }
    return done;
  }

  uint64_t bytes_consumed() const override { return raw_.bytes_taken(); }

 protected:
  // Decodes a part of `in` into a part of `out` and takes it from raw_; returns the bytes made.
  virtual absl::StatusOr<size_t> Decode(std::span<const char> in, std::span<char> out) = 0;
  // Whether the input may end here.
  virtual bool AtBoundary() const = 0;

  absl::Status Broken(std::string_view what) const {
    return absl::DataLossError(absl::StrCat(raw_.path(), ": compressed data after ", produced_,
                                            " decompressed bytes: ", base::ToAbsl(what)));
  }

  RawFile raw_;

 private:
  uint64_t produced_ = 0;
};

class PlainSource : public BufferedSource {
 public:
  using BufferedSource::BufferedSource;

 protected:
  absl::StatusOr<size_t> Decode(std::span<const char> in, std::span<char> out) override {
    const size_t length = std::min(in.size(), out.size());
    std::memcpy(out.data(), in.data(), length);
    raw_.Take(length);
    return length;
  }
  bool AtBoundary() const override { return true; }
};

class GzipSource : public BufferedSource {
 public:
  explicit GzipSource(RawFile raw) : BufferedSource(std::move(raw)) {
    constexpr int kGzipWindow = 16 + MAX_WBITS;
    initialised_ = inflateInit2(&stream_, kGzipWindow) == Z_OK;
  }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;
  ~GzipSource() override {
    if (initialised_) inflateEnd(&stream_);
  }

 protected:
  absl::StatusOr<size_t> Decode(std::span<const char> in, std::span<char> out) override {
    if (!initialised_) return absl::ResourceExhaustedError("no memory to decompress gzip");
    if (at_boundary_) {
      inflateReset(&stream_);
      at_boundary_ = false;
    }
    // zlib reads only, whatever its types say.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(out.size(), 1 << 30));
    const size_t room = stream_.avail_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END) {
      return Broken(stream_.msg != nullptr ? stream_.msg : "invalid");
    }
    raw_.Take(in.size() - stream_.avail_in);
    at_boundary_ = result == Z_STREAM_END;
    return room - stream_.avail_out;
  }
  bool AtBoundary() const override { return at_boundary_; }

 private:
  z_stream stream_ = {};
  bool initialised_ = false;
  bool at_boundary_ = false;  // between members
};

class ZstdSource : public BufferedSource {
 public:
  explicit ZstdSource(RawFile raw)
      : BufferedSource(std::move(raw)), stream_(ZSTD_createDStream(), ZSTD_freeDStream) {}

 protected:
  absl::StatusOr<size_t> Decode(std::span<const char> in, std::span<char> out) override {
    if (stream_ == nullptr) return absl::ResourceExhaustedError("no memory to decompress zstd");
    ZSTD_inBuffer input = {in.data(), in.size(), 0};
    ZSTD_outBuffer output = {out.data(), out.size(), 0};
    const size_t result = ZSTD_decompressStream(stream_.get(), &output, &input);
    if (ZSTD_isError(result)) return Broken(ZSTD_getErrorName(result));
    raw_.Take(input.pos);
    at_boundary_ = result == 0;
    return output.pos;
  }
  bool AtBoundary() const override { return at_boundary_; }

 private:
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
  bool at_boundary_ = false;  // between frames
};

absl::StatusOr<base::FileDescriptor> OpenInput(const std::string& path) {
  if (path != "-") return base::FileDescriptor::Open(path, O_RDONLY);
  const int copy = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return base::SystemError("cannot read", "standard input");
  return base::FileDescriptor(copy);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> ByteSource::Open(const std::string& path) {
  ASSIGN_OR_RETURN(base::FileDescriptor file, OpenInput(path));
  RawFile raw(path, std::move(file));
  ASSIGN_OR_RETURN(const std::span<const char> head, raw.Peek(4));
  const std::string_view magic(head.data(), std::min<size_t>(head.size(), 4));
  if (magic.starts_with("\x1f\x8b")) return std::make_unique<GzipSource>(std::move(raw));
  if (magic == "\x28\xb5\x2f\xfd") return std::make_unique<ZstdSource>(std::move(raw));
  return std::make_unique<PlainSource>(std::move(raw));
}

}  // namespace foraker::retrieval
