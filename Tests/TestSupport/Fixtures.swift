import Foundation

/// The files that tests read: small models and golden values beside this source, photographs from the
/// folder that `scripts/setup` fills.
package enum Fixtures {
  /// The path of `Fixtures/Models/<name>.tflite`.
  package static func model(_ name: String) -> String {
    folder.appending(path: "Models/\(name).tflite").path
  }

  /// The path of `Fixtures/Structure/<name>.tflite`: models of many parts, to change one by one.
  package static func structure(_ name: String) -> String {
    folder.appending(path: "Structure/\(name).tflite").path
  }

  /// The path of `Fixtures/Graphs/<name>.tflite`: sound models that do not run as they are.
  package static func graph(_ name: String) -> String {
    folder.appending(path: "Graphs/\(name).tflite").path
  }

  /// The list of these models, with the vectors that the runtime's own interpreter gives.
  package static var graphs: String { folder.appending(path: "Graphs/graphs.json").path }

  /// The path of `Fixtures/Forms/<name>.tflite`: models of every form of input and output.
  package static func form(_ name: String) -> String {
    folder.appending(path: "Forms/\(name).tflite").path
  }

  /// The list of ways to run them.
  package static var forms: String { folder.appending(path: "Forms/forms.json").path }

  /// The path of `Fixtures/Annotating/<name>.tflite`: models whose copies need more than new metadata.
  package static func annotating(_ name: String) -> String {
    folder.appending(path: "Annotating/\(name).tflite").path
  }

  /// The list of these models, with what the reference says of each.
  package static var annotatingList: String {
    folder.appending(path: "Annotating/annotating.json").path
  }

  /// The path of `Fixtures/Bundles/<name>.task`: bundles of models.
  package static func bundle(_ name: String) -> String {
    folder.appending(path: "Bundles/\(name).task").path
  }

  /// The paths of all files in `Fixtures/Findings/<kind>`: what once ended the program.
  package static func findings(_ kind: String) throws -> [String] {
    let folder = folder.appending(path: "Findings/\(kind)")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .map { folder.appending(path: $0).path }
  }

  /// The names of all small models.
  package static var modelNames: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "Models").path)
        .filter { $0.hasSuffix(".tflite") }.map { String($0.dropLast(7)) }.sorted()
    }
  }

  /// The path of `Fixtures/OddFiles/<name>`.
  package static func oddFile(_ name: String) -> String {
    folder.appending(path: "OddFiles/\(name)").path
  }

  /// The path of `Fixtures/Stores/<version>`: what a version wrote.
  package static func store(_ version: String) -> String {
    folder.appending(path: "Stores/\(version)").path
  }

  /// The content of `Fixtures/Goldens/<name>.json`.
  package static func golden<Value: Decodable>(
    _ name: String, as type: Value.Type = Value.self
  ) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let data = try Data(contentsOf: folder.appending(path: "Goldens/\(name).json"))
    return try decoder.decode(type, from: data)
  }

  /// The path of a photograph, such as `chelsea.png`.
  package static func photograph(_ name: String) -> String {
    "\(cacheFolder)/photographs-0.26.0/\(name)"
  }

  /// Whether the photographs are there; they are unless `scripts/setup` was left out.
  package static let hasPhotographs = FileManager.default.fileExists(
    atPath: photograph("chelsea.png"))

  /// The path of the runtime library.
  package static let liteRtLibrary =
    ProcessInfo.processInfo.environment["IMAGE_EMBEDDER_LITERT"]
    ?? "\(cacheFolder)/litert-2.3.0/libLiteRt.so"

  /// Whether the runtime library is there; it is unless `scripts/setup` was left out.
  package static let hasLiteRt = FileManager.default.fileExists(atPath: liteRtLibrary)

  /// The path of OpenVINO's library.
  package static let openVINOLibrary =
    ProcessInfo.processInfo.environment["IMAGE_EMBEDDER_OPENVINO"]
    ?? "\(cacheFolder)/openvino-2026.3.1/libopenvino_c.so.2631"

  /// Whether OpenVINO is there, and a processor on which it computes in bfloat16.
  package static let hasBFloat16 =
    hasOpenVINO
    && (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.contains("avx512_bf16")
      == true

  /// Whether OpenVINO is there; `scripts/setup openvino` puts it there.
  package static let hasOpenVINO = FileManager.default.fileExists(atPath: openVINOLibrary)

  private static let folder = Bundle.module.bundleURL.appending(path: "Fixtures")

  private static let cacheFolder: String = {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
    return (cache ?? "\(environment["HOME"] ?? "")/.cache") + "/image-embedder"
  }()
}
