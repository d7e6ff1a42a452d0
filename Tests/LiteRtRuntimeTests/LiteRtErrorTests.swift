import EmbedderLiteRtRuntime
import EmbedderStorage
import Testing

@Suite("Errors of the runtime")
struct LiteRtErrorTests {
  @Test(
    "name their status and its number",
    arguments: [
      (0, "ok"), (1, "invalid argument"), (3, "runtime failure"), (6, "not found"),
      (500, "file input/output"), (501, "invalid FlatBuffer"), (504, "compilation"),
      (1000, "index out of bounds"), (5001, "shape inference failed"), (42, "unknown status"),
      (-7, "unknown status"),
    ] as [(Int32, String)])
  func statuses(number: Int32, name: String) {
    let status = LiteRtStatus(rawValue: number)
    #expect(status.rawValue == number)
    #expect(status.description == "\(name) (LiteRT status \(number))")
  }

  static let failure = LiteRtStatus(rawValue: 3)

  @Test(
    "are one line that says what was found",
    arguments: [
      (
        .libraryNotFound(attempts: ["/a: no", "/b: no"]),
        [
          "libLiteRt.so 2.3.0", "scripts/setup", "--litert", "IMAGE_EMBEDDER_LITERT",
          "/a: no; /b: no",
        ]
      ),
      (
        .incompatibleLibrary(path: "/a.so", missingFunction: "LiteRtX"),
        ["'/a.so'", "no function LiteRtX", "2.3.0"]
      ),
      (.invalidModel(LiteRtStatus(rawValue: 501)), ["LiteRT status 501", "damaged"]),
      (
        .compilationFailed(failure, details: "one\ntwo\r\nthree"),
        ["LiteRT status 3", "one; two; three"]
      ),
      (
        .compilationFailed(failure, details: ""),
        ["cannot prepare the model", "convert it for that version"]
      ),
      (
        .callFailed(function: "LiteRtRunCompiledModel", failure, details: "\n\nwhy\n"),
        ["LiteRtRunCompiledModel failed", ": why"]
      ),
      (
        .unsupportedTensor(name: "a\nb", reason: "its shape is [0]"),
        ["'a\\nb'", "its shape is [0]"]
      ),
      (.bufferSizeMismatch(tensor: "t", required: 5, computed: 4), ["'t'", "5 bytes", "4"]),
      (.outOfMemory(OutOfMemory(byteCount: 77)), ["77 bytes"]),
    ] as [(LiteRtError, [String])])
  func descriptions(error: LiteRtError, parts: [String]) {
    let text = error.description
    for part in parts {
      #expect(text.contains(part))
    }
    #expect(!text.contains { $0.isNewline })
    #expect(!text.hasSuffix(": ") && !text.hasSuffix(" "))
  }
}
