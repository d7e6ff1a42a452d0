import EmbedderTestSupport
import Foundation
import Testing

/// The C and C++ faces as the debug build has them; `make test-all` tests what is installed.
@Suite("The library for C and C++")
struct LibraryTests {
  private static let root = SnippetTests.root.path
  private static let headers = "\(root)/Sources/CImageEmbedder/include"
  private static let header = "\(headers)/image_embedder.h"

  /// The folder of the library, which is built beside the tests.
  private static let library = URL(filePath: CommandLineRunner.program).deletingLastPathComponent()
    .path

  /// The compilers that are there; clang comes with the Swift toolchain.
  static let compilers = ["clang", "gcc"].filter { compiler in
    let run = try? CommandLineRunner.shell("command -v \(compiler)")
    return run?.ending == .exit(status: 0)
  }

  /// Those that can link to the library: a sanitizer's runtime must be the one of its own compiler.
  static let linkers = compilers.filter { $0 == "clang" || sanitizerOption.isEmpty }

  /// What a program needs that uses the library, where that is built with the address sanitizer.
  private static let sanitizerOption: String = {
    let symbols = try? CommandLineRunner.shell("llvm-nm --dynamic \(library)/libimageembedder.so")
    return symbols?.output.contains(" __asan_init") == true ? "-fsanitize=address" : ""
  }()

  @Test("has a header that is C11 and headers that are C++17", arguments: compilers)
  func compile(compiler: String) throws {
    let checks = [
      ("-x c -std=c11", "image_embedder.h"), ("-x c++ -std=c++17", "image_embedder.h"),
      ("-x c++ -std=c++17 -fno-exceptions -fno-rtti", "image_embedder.hpp"),
      ("-x c++ -std=c++17 -fno-exceptions -fno-rtti", "image_embedder/tflite_task.hpp"),
      ("-x c++ -std=c++20", "image_embedder/tflite_task.hpp"),
    ]
    for (options, header) in checks {
      let run = try CommandLineRunner.shell(
        "echo '#include <\(header)>' | \(compiler) \(options) -pedantic -Wall -Wextra -Wshadow"
          + " -Werror -fsyntax-only -I\(Self.headers) -")
      #expect(run.ending == .exit(status: 0), "\(options) \(header): \(run.standardError)")
    }
  }

  @Test("exports what its header declares, and declares what it exports")
  func exports() throws {
    let text = try String(contentsOfFile: Self.header, encoding: .utf8)
    let declared = Set(text.matches(of: /\b(ie_\w+)\(/).map { String($0.1) })
    let run = try CommandLineRunner.shell(
      "llvm-nm --dynamic --defined-only --format=just-symbols \(Self.library)/libimageembedder.so")
    try #require(run.ending == .exit(status: 0), "\(run.standardError)")
    let exported = Set(run.outputLines.filter { $0.hasPrefix("ie_") })
    #expect(declared.subtracting(exported).isEmpty)
    #expect(exported.subtracting(declared).isEmpty)
    #expect(declared.count > 40)
  }

  @Test(
    "tells of every misuse and survives it",
    .enabled(if: Fixtures.hasLiteRt && Fixtures.hasPhotographs, "scripts/setup was left out"),
    arguments: linkers)
  func misuse(compiler: String) throws {
    try withTemporaryFolder { folder in
      let models = URL(filePath: Fixtures.model("x")).deletingLastPathComponent().path
      let run = try CommandLineRunner.shell(
        """
        \(compiler) \(Self.sanitizerOption) -std=c11 -pedantic -Wall -Wextra -Werror -I\(Self.headers) \
        \(Self.root)/Tests/CImageEmbedderTests/misuse.c -o misuse \
        -L\(Self.library) -limageembedder -Wl,-rpath,\(Self.library) -lm && ./misuse "$1" "$2"
        """, [models, Fixtures.photograph("chelsea.png")], folder: folder)
      #expect(run.ending == .exit(status: 0), "\(run.standardError)")
      #expect(run.output == "misuse is always told\n")
    }
  }

  @Test("finds duplicates, waits for them and gives them up", arguments: linkers)
  func duplicates(compiler: String) throws {
    try withTemporaryFolder { folder in
      let models = URL(filePath: Fixtures.model("x")).deletingLastPathComponent().path
      let run = try CommandLineRunner.shell(
        """
        \(compiler) \(Self.sanitizerOption) -std=c11 -pedantic -Wall -Wextra -Werror -I\(Self.headers) \
        \(Self.root)/Tests/CImageEmbedderTests/duplicates.c -o duplicates \
        -L\(Self.library) -limageembedder -Wl,-rpath,\(Self.library) -lpthread && ./duplicates "$1"
        """, [models], folder: folder)
      #expect(run.ending == .exit(status: 0), "\(run.standardError)")
      #expect(run.output == "duplicates are found\n")
    }
  }

  @Test("has one version everywhere")
  func version() throws {
    let run = try CommandLineRunner.run(["--version"])
    let text = try String(contentsOfFile: Self.header, encoding: .utf8)
    let version = try #require(run.outputLines.first)
    #expect(text.contains("#define IE_VERSION \"\(version)\"\n"))
  }

  @Test(
    "is documented by slices of examples, which are compiled",
    arguments: [
      ("c-and-cpp.md", "c"), ("c-and-cpp.md", "c++"), ("duplicates.md", "c++"),
      ("accelerators.md", "c"),
    ])
  func samples(page: String, language: String) throws {
    let page = try String(contentsOfFile: "\(Self.root)/docs/\(page)", encoding: .utf8)
    let samples = SnippetTests.blocks(of: language, in: page)
    try #require(!samples.isEmpty)
    let examples = try FileManager.default.contentsOfDirectory(atPath: "\(Self.root)/Examples")
      .filter { $0.contains(".c") }
      .map { try String(contentsOfFile: "\(Self.root)/Examples/\($0)", encoding: .utf8) }
    for sample in samples {
      #expect(examples.contains { $0.contains(sample) }, "no example contains:\n\(sample)")
    }
  }
}
