// A C++ class that scripts construct, derive from and hand around: a canvas of characters.

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <sandglass/sandglass.h>

namespace {

class Canvas {
 public:
  Canvas(int width, int height) : width_(width) {
    // What a script asks for is checked before memory is taken: it lies outside of the script's
    // limit.
    if (width < 1 || width > 100 || height < 1 || height > 100)
      throw std::out_of_range("1 to 100 rows and columns");
    lines_.assign(static_cast<std::size_t>(height),
                  std::string(static_cast<std::size_t>(width), '.'));
  }

  void plot(int x, int y, const std::string& mark) {
    if (x < 0 || y < 0 || x >= width_ || y >= height()) throw std::out_of_range("off the canvas");
    if (mark.size() != 1) throw std::invalid_argument("a mark is one ASCII character");
    lines_[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] = mark[0];
  }
  int width() const { return width_; }
  int height() const { return static_cast<int>(lines_.size()); }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  int width_;
  std::vector<std::string> lines_;
};

constexpr const char* kScript = R"js(
  class Framed extends Canvas {
    constructor(width, height) {
      super(width, height);
      for (let x = 0; x < width; x++) this.plot(x, 0, '-'), this.plot(x, height - 1, '-');
    }
  }
  const picture = new Framed(16, 5);
  for (let x = 0; x < picture.width; x++) {
    const y = Math.round(2 - 1.4 * Math.sin(x / 2.5));
    picture.plot(x, y, '*');
  }
  try { picture.plot(99, 0, '*'); } catch (error) { console.log(error.name + ': ' + error.message); }
  picture;
)js";

}  // namespace

int main() {
  sandglass::Options options;
  options.console = [](sandglass::ConsoleStream, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
  };
  sandglass::Result<sandglass::Runtime> vm = sandglass::Runtime::create(std::move(options));
  if (!vm) return std::fprintf(stderr, "%s\n", describe(vm.error()).c_str()), 1;

  const auto set =
      vm->set("Canvas", sandglass::Class<Canvas>("Canvas")
                            .constructor<int, int>()
                            .method("plot", &Canvas::plot)
                            .property("width", &Canvas::width)
                            .property("height", &Canvas::height)
                            .iterator([](const Canvas& canvas) { return canvas.lines(); }));
  if (!set) return std::fprintf(stderr, "%s\n", describe(set.error()).c_str()), 1;

  // The object itself, also of a class that the script derived.
  const auto picture = vm->eval<std::shared_ptr<Canvas>>(kScript, {.file_name = "picture.js"});
  if (!picture) return std::fprintf(stderr, "%s\n", describe(picture.error()).c_str()), 1;
  for (const std::string& line : (*picture)->lines()) std::printf("%s\n", line.c_str());
}
