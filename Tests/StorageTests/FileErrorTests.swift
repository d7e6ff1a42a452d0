import EmbedderStorage
import Testing

@Suite("File errors")
struct FileErrorTests {
  @Test(
    "quote text so that it stays on one line",
    arguments: [
      ("", "''"),
      ("cat.jpg", "'cat.jpg'"),
      ("Größe 猫 🐈.png", "'Größe 猫 🐈.png'"),
      ("two\nlines", #"'two\nlines'"#),
      ("\r\t", #"'\r\t'"#),
      ("nul\0", #"'nul\0'"#),
      ("\u{1b}[31mred", #"'\u{1B}[31mred'"#),
      ("\u{7f}", #"'\u{7F}'"#),
      ("\u{85}\u{9b}", #"'\u{0085}\u{009B}'"#),
      ("it's", #"'it\'s'"#),
    ])
  func quoting(text: String, expected: String) {
    #expect(quoted(text) == expected)
  }

  @Test("leave no control character in any quoted text")
  func allControlCharacters() {
    for value in UInt32(0)...0x2ff {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let result = quoted(String(Character(scalar)))
      let isClean = result.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
      #expect(isClean, "U+\(String(value, radix: 16))")
    }
  }

  @Test(
    "say in a sentence what was found and what is needed",
    arguments: [
      (
        FileError.system(path: "a\nb", operation: "open", errno: 2, reason: "No such file"),
        #"cannot open 'a\nb': No such file"#
      ),
      (.notAFile(path: "/tmp", kind: "a folder"), "'/tmp' is a folder; a regular file is needed"),
      (.empty(path: "x"), "'x' is empty"),
      (
        .noWriter(path: "x"),
        "'x' is a pipe that nobody writes to; start the program that fills it first"
      ),
      (
        .tooLarge(path: "x", byteCount: 11, limit: 10),
        "'x' holds 11 bytes, more than the limit of 10"
      ),
      (
        .outOfMemory(path: "x", OutOfMemory(byteCount: 5)),
        "cannot read 'x': \(OutOfMemory(byteCount: 5))"
      ),
      (
        .invalidPath(path: "a\0b"),
        #"'a\0b' is not a path: it is empty or holds a NUL character"#
      ),
    ])
  func descriptions(error: FileError, expected: String) {
    #expect("\(error)" == expected)
  }
}
