import EmbedderStorage
import EmbedderTestSupport
import EmbeddingStore
import Foundation
import Testing

@Suite("Stored paths")
struct StoredPathTests {
  /// Names that JSON escapes, that are no text, that look escaped, and that are others' beginnings.
  private static let paths: [PathBytes] =
    [
      "in/a.png", "in/b.png", "in/a.png", "/x/in/a.png", "in/./a.png", "in/other/../a.png", "a.png",
      #"in/"quoted".png"#, #"in/back\slash.png"#, "in/new\nline.png", "in/\u{1}.png", "in/ä.png",
      #"in/\xff.png"#, "in/aa.png", "in/a.png.png", #"in/"path":"x".png"#, #"","width":.png"#,
    ] + [
      PathBytes([0x69, 0x6e, 0x2f, 0xff, 0x2e, 0x70, 0x6e, 0x67]),
      PathBytes([0xfe, 0x2f, 0x61, 0x2e, 0x70, 0x6e, 0x67]),
    ]

  private static func withStore(_ body: (EmbeddingStore) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let writer = try StoreWriter(
        PathBytes("\(folder)/out"), content: Stores.content(), mode: .new)
      for (number, path) in paths.enumerated() {
        try writer.append(
          StoredRow(path: path, width: 1, height: 1),
          [Stores.vector(number, dimension: 3)])
      }
      try writer.finish()
      try body(EmbeddingStore(PathBytes("\(folder)/out")))
    }
  }

  @Test("are told in the order of the rows")
  func inOrder() throws {
    try Self.withStore { store in
      var found: [PathBytes] = []
      try store.forEachPath { (row, path) throws(StoreError) in
        #expect(row == found.count)
        found.append(path)
      }
      #expect(found == Self.paths)
      #expect(store.rowFolders == [.currentFolder])
    }
  }

  @Test("are found by reading as they are by the index")
  func finding() throws {
    try Self.withStore { store in
      for path in Self.paths + ["in/c.png", "png", "in", "/", "in/a.png/"] {
        let found = try store.rowsByReading(of: path)
        let indexed = try store.rows(of: path)
        #expect(found == indexed, "\(path)")
      }
      let rows = try store.rowsByReading(of: "in/a.png")
      #expect(rows == [0, 2, 4, 5])
    }
  }

  @Test("are not told of metadata that is damaged")
  func damaged() throws {
    try Self.withStore { store in
      let path = "\(store.path)/metadata/metadata_000001.jsonl"
      let text = String(decoding: try contents(of: path), as: UTF8.self)
      for broken in [text.replacing(#"{"path""#, with: #"{"pat""#), String(text.dropLast(70))] {
        try write(Array(broken.utf8), to: path)
        #expect(throws: StoreError.self) {
          try store.forEachPath { (_, _) throws(StoreError) in }
        }
      }
    }
  }
}
