import EmbedderTestSupport
import Foundation
import Testing

extension CommandLineRun {
  /// Expects that all went well and nothing was said about it.
  func expectSuccess(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(ending == .exit(status: 0), sourceLocation: sourceLocation)
    #expect(standardError == "", sourceLocation: sourceLocation)
  }

  /// Expects that the program stopped with one clear line, and nothing else.
  ///
  /// - Parameters:
  ///   - parts: What the line has to name.
  ///   - sourceLocation: The caller's.
  func expectStop(
    naming parts: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(ending == .exit(status: 1), sourceLocation: sourceLocation)
    #expect(standardOutput == [], sourceLocation: sourceLocation)
    #expect(errorLines.count == 1, sourceLocation: sourceLocation)
    #expect(standardError.hasPrefix("Error: "), sourceLocation: sourceLocation)
    #expect(standardError.hasSuffix("\n"), sourceLocation: sourceLocation)
    for part in parts {
      #expect(standardError.contains(part), sourceLocation: sourceLocation)
    }
  }

  /// Expects that the program refused its arguments, with a hint at how it is used.
  func expectWrongUsage(
    naming parts: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(ending == .exit(status: 64), sourceLocation: sourceLocation)
    #expect(standardOutput == [], sourceLocation: sourceLocation)
    #expect(standardError.hasPrefix("Error: "), sourceLocation: sourceLocation)
    #expect(standardError.contains("Usage: image-embedder"), sourceLocation: sourceLocation)
    for part in parts {
      #expect(errorLines.first?.contains(part) == true, sourceLocation: sourceLocation)
    }
  }

  /// The standard output's lines, each a JSON value.
  func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> [Value] {
    try decodeJSON(outputLines)
  }
}

/// Decodes lines of text, each a JSON value.
func decodeJSON<Value: Decodable>(_ lines: [String], as type: Value.Type = Value.self) throws
  -> [Value]
{
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  return try lines.map { try decoder.decode(type, from: Data($0.utf8)) }
}

/// Runs `image-embedder`.
func imageEmbedder(
  _ arguments: String..., environment: [String: String?] = [:], folder: String? = nil
) throws -> CommandLineRun {
  try CommandLineRunner.run(arguments, environment: environment, folder: folder)
}

/// Runs `image-embedder` with arguments in an array.
func imageEmbedder(
  _ arguments: [String], environment: [String: String?] = [:], folder: String? = nil
) throws -> CommandLineRun {
  try CommandLineRunner.run(arguments, environment: environment, folder: folder)
}

/// Why tests are left out.
enum Absence {
  static let everything: Comment = "LiteRT or the photographs are missing; run scripts/setup"
  static let runtime: Comment = "the LiteRT library is missing; run scripts/setup"
}

extension Fixtures {
  /// Whether there is everything that an image needs to become a vector.
  static let hasEverything = hasLiteRt && hasPhotographs
}
