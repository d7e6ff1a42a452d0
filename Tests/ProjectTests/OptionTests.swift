import DuplicateFinding
import EmbedderTestSupport
import Foundation
import ImageEmbedding
import Testing

/// `docs/options.md` has every option of every face, and every face has every option there; what Python has
/// is held against it by `python/tests/test_options.py`.
@Suite("The table of options")
struct OptionTests {
  private static let embedders = "What an embedder does"
  private static let annotations = "What a copy of a model says"
  private static let duplicates = "How duplicates are looked for"
  private static let titles = [
    embedders, "What is used of an image", "How a batch works", annotations, duplicates,
    "Only on the command line",
  ]

  private static func source(_ path: String) throws -> String {
    try String(contentsOf: SnippetTests.root.appending(path: path), encoding: .utf8)
  }

  /// The text between a beginning and the first end after it.
  private static func part(of text: String, from start: String, to end: String) throws -> String {
    let begin = try #require(text.range(of: start), "\(start) is not there")
    let rest = text[begin.upperBound...]
    return String(rest[..<(try #require(rest.range(of: end))).lowerBound])
  }

  /// The names that end declarations of C and C++.
  private static func members(of body: String) -> Set<String> {
    Set(body.matches(of: /(?m)^  [\w:<> *]*?(\w+)(?: = [^;]*)?(?:\[\d\])?;/).map { String($0.1) })
  }

  @Test("has the members of the Swift options")
  func swift() throws {
    var options = ImageEmbedder.Options()
    options.isolation = .init(workerPath: "worker")
    // Which only the embedder itself can set.
    let inner: Set = ["decoding.onlyTarget"]
    #expect(
      try OptionTable(Self.embedders)["Swift"] == Self.leaves(of: options).subtracting(inner))
  }

  @Test("has the members of the annotations")
  func annotations() throws {
    let table = try OptionTable(Self.annotations)
    let mirror = Mirror(reflecting: ModelAnnotations())
    #expect(table["Swift"] == Set(mirror.children.compactMap(\.label)))
    let header = try Self.source("Sources/CImageEmbedder/include/image_embedder.h")
    let members = try Self.part(
      of: header, from: "typedef struct ie_annotations {\n", to: "} ie_annotations;")
    #expect(table["C"] == Self.members(of: members).subtracting(["struct_size"]))
    let face = try Self.source("Sources/CImageEmbedder/include/image_embedder.hpp")
    #expect(
      table["C++"]
        == Self.members(of: try Self.part(of: face, from: "struct Annotations {\n", to: "};")))
  }

  @Test("has the members of the options of a search for duplicates")
  func duplicates() throws {
    let table = try OptionTable(Self.duplicates)
    let mirror = Mirror(reflecting: DuplicateFinder.Options())
    #expect(
      table["Swift"] == Set(mirror.children.compactMap(\.label)).union(["head", "progress"]))
    let header = try Self.source("Sources/CImageEmbedder/include/image_embedder.h")
    let members = try Self.part(
      of: header, from: "typedef struct ie_duplicate_options {\n", to: "} ie_duplicate_options;")
    #expect(
      table["C"]
        == Self.members(of: members).subtracting(["struct_size"]).union(["ie_duplicates_progress"]))
    let face = try Self.source("Sources/CImageEmbedder/include/image_embedder.hpp")
    #expect(
      table["C++"]
        == Self.members(of: try Self.part(of: face, from: "struct DuplicateOptions {\n", to: "};"))
        .union(["progress"]))
  }

  /// The paths to all members that have none themselves.
  private static func leaves(of value: Any, path: String = "") -> Set<String> {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional, let some = mirror.children.first {
      return leaves(of: some.value, path: path)
    }
    guard mirror.displayStyle == .struct else { return [path] }
    return mirror.children.reduce(into: []) { leaves, child in
      let name = child.label ?? ""
      leaves.formUnion(Self.leaves(of: child.value, path: path.isEmpty ? name : "\(path).\(name)"))
    }
  }

  @Test(
    "has the members of the structs in C",
    arguments: [(embedders, "ie_options"), ("How a batch works", "ie_batch_options")])
  func c(title: String, name: String) throws {
    let header = try Self.source("Sources/CImageEmbedder/include/image_embedder.h")
    let members = Self.members(
      of: try Self.part(of: header, from: "typedef struct \(name) {", to: "} \(name);"))
    let named = members.filter { $0 != "struct_size" && !$0.hasPrefix("reserved") }
    #expect(try OptionTable(title)["C"] == named)
  }

  @Test("has only what the C face reads")
  func readInC() throws {
    let source = try Self.source("Sources/ImageEmbedderC/Options.swift")
    for member in try OptionTable(Self.embedders)["C"] {
      #expect(source.contains("options.\(member)"), "nothing reads \(member)")
    }
  }

  @Test("has the members of the options in C++, which all reach C")
  func cPlusPlus() throws {
    let header = try Self.source("Sources/CImageEmbedder/include/image_embedder.hpp")
    let table = try OptionTable(Self.embedders)
    #expect(
      table["C++"]
        == Self.members(of: try Self.part(of: header, from: "\nstruct Options {", to: "\n};")))
    let conversion = try Self.part(
      of: header, from: "inline ie_options Lent(const Options &options) {", to: "\n}\n")
    #expect(
      table["C"] == Set(conversion.matches(of: #/\bresult\.(\w+) = /#).map { String($0.1) }))
    #expect(
      table["C++"] == Set(conversion.matches(of: /\boptions\.(\w+)/).map { String($0.1) }))
    let batch = try Self.part(
      of: header, from: "static StatusOr<Batch> Create(const Embedder &embedder,", to: "{")
    #expect(
      try OptionTable("How a batch works")["C++"]
        == Set(batch.matches(of: #/(\w+) = /#).map { String($0.1) }))
  }

  @Test("has the options of each command")
  func commandLine() throws {
    let rows = try Self.titles.flatMap { try OptionTable($0).rows }
    let root = try CommandLineRunner.run(["--help"]).output
    let commands = try Self.part(of: root, from: "SUBCOMMANDS:\n", to: "\n\n")
      .matches(of: /(?m)^  (\w+)/).map { String($0.1) }
    #expect(commands.count >= 5)
    for command in commands {
      let help = try CommandLineRunner.run([command, "--help"], environment: ["COLUMNS": "200"])
      let shown = help.outputLines.filter { $0.contains(/^  (-\w, )?--/) }.flatMap { line in
        line.dropFirst(2).components(separatedBy: "  ")[0].matches(of: /--[a-z0-9-]+/)
          .map { String($0.0) }
      }
      let listed = rows.filter { $0["commands"]?.contains(command) == true }
        .flatMap { $0["command line"] ?? [] }
      #expect(
        Set(shown).subtracting(["--help", "--version", "--sync-force"]) == Set(listed),
        "\(command)")
    }
    let named = Set(rows.flatMap { $0["commands"] ?? [] })
    #expect(named.isSubset(of: commands))
  }
}
