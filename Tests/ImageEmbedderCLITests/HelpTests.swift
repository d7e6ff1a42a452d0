import EmbedderTestSupport
import Foundation
import Testing

@Suite("Help")
struct HelpTests {
  static let commands = [
    [], ["similarity"], ["embed"], ["info"], ["annotate"], ["benchmark"], ["verify"],
    ["search"], ["duplicates"],
  ]

  @Test("of every command has examples that name the command", arguments: commands)
  func examples(command: [String]) throws {
    for arguments in [command + ["--help"], command + ["-h"], ["help"] + command] {
      let run = try imageEmbedder(arguments)
      run.expectSuccess()
      #expect(run.output.contains("EXAMPLES\n"))
      let name = (["image-embedder"] + command).joined(separator: " ")
      let examples = run.output.components(separatedBy: "EXAMPLES\n").last ?? ""
      #expect(examples.contains("  \(name) "))
      let lines = examples.components(separatedBy: "\n\n")[0].split(separator: "\n")
      #expect(lines.allSatisfy { $0.hasPrefix("  ") }, "an example is broken into two lines")
      #expect(run.output.contains("USAGE: \(name)"))
    }
  }

  @Test("names every command", arguments: commands.dropFirst())
  func namesCommands(command: [String]) throws {
    let root = try imageEmbedder("--help").output
    #expect(root.contains("\n  \(command[0]) "))
  }

  @Test("names the built-in models")
  func builtInModels() throws {
    for command in ["similarity", "embed", "info", "annotate"] {
      let words = try imageEmbedder(command, "--help").output.split(whereSeparator: \.isWhitespace)
      let help = words.joined(separator: " ")
      #expect(help.contains("efficientnet-lite0, efficientnet-lite0-int8"))
    }
  }

  @Test("is what no arguments at all give")
  func noArguments() throws {
    let run = try imageEmbedder()
    run.expectSuccess()
    #expect(run.output == (try imageEmbedder("--help").output))
  }

  @Test("fits into 80 columns", arguments: commands)
  func width(command: [String]) throws {
    let lines = try imageEmbedder(command + ["--help"], environment: ["COLUMNS": nil]).outputLines
    let long = lines.filter { $0.count > 80 }
    #expect(long == [])
  }

  @Test("says the version", arguments: [["--version"], ["embed", "--version"]])
  func version(arguments: [String]) throws {
    let run = try imageEmbedder(arguments)
    run.expectSuccess()
    #expect(run.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }

  @Test("needs no runtime, no home and no folder")
  func bareMachine() throws {
    let run = try imageEmbedder(
      "--help",
      environment: ["HOME": nil, "XDG_CACHE_HOME": nil, "IMAGE_EMBEDDER_LITERT": "/nope"],
      folder: "/")
    run.expectSuccess()
    #expect(run.output.contains("USAGE"))
  }
}
