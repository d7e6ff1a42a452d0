import EmbedderEmbeddings
import EmbedderStorage
import EmbedderTestSupport
import EmbeddingStore
import Foundation
import Testing

/// Stores whose every vector is known.
enum Stores {
  static let fingerprint = Fingerprint(settings: [("model_sha256", .string("of a model"))])

  static func content(
    _ type: ComponentType = .float32, dimensions: [Int] = [3], rowsPerPart: Int = 4
  ) -> StoreWriter.Content {
    var content = StoreWriter.Content(
      fingerprint: fingerprint, type: type, heads: dimensions.map { (nil, $0) })
    content.rowsPerPart = rowsPerPart
    return content
  }

  /// What row `number` holds in a head of `dimension` components.
  static func vector(_ number: Int, dimension: Int, _ type: ComponentType = .float32)
    -> FeatureVector
  {
    type == .int8
      ? .quantized((0..<dimension).map { Int8(truncatingIfNeeded: 3 * number - $0) })
      : .float((0..<dimension).map { Float(number) - Float($0) / 4 })
  }

  static func write(
    _ count: Int, to path: String, from start: Int = 0, _ content: StoreWriter.Content,
    mode: StoreWriter.Mode = .new
  ) throws {
    let writer = try StoreWriter(PathBytes(path), content: content, mode: mode)
    for number in start..<start + count {
      try writer.append(
        StoredRow(path: PathBytes("in/\(number).png"), width: number, height: 2 * number),
        content.heads.map { vector(number, dimension: $0.dimension, content.type) })
    }
    try writer.finish()
  }
}

@Suite("A store")
struct EmbeddingStoreTests {
  @Test("gives back what was written", arguments: ComponentType.allCases, [[3], [3, 1, 5]])
  func reading(type: ComponentType, dimensions: [Int]) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/out"
      let content = Stores.content(type, dimensions: dimensions)
      try Stores.write(10, to: path, content)
      try Stores.write(3, to: path, from: 10, content, mode: .resume(retriesFailures: false))
      let store = try EmbeddingStore(PathBytes(path))
      #expect(store.count == 13)
      #expect(store.partCount == 4)
      #expect(store.heads.map(\.dimension) == dimensions)
      #expect(store.fingerprint == Stores.fingerprint.description)
      #expect(store.settingsText == Stores.fingerprint.settingsText)
      for (head, dimension) in dimensions.enumerated() {
        let expected = (0..<13).map { Stores.vector($0, dimension: dimension, type) }
        #expect(try store.vectors(in: 0..<13, head: head) == expected)
        #expect(try store.vectors(in: 3..<9, head: head) == Array(expected[3..<9]))
        #expect(try store.vector(at: 12, head: head) == expected[12])
      }
      for number in 0..<13 {
        let row = try store.row(at: number)
        #expect(row.path == PathBytes("in/\(number).png"))
        #expect((row.width, row.height) == (number, 2 * number))
      }
      #expect(store.verify().isEmpty)
    }
  }

  @Test("finds the rows of a path, whatever way it is spelled")
  func lookUp() throws {
    try withTemporaryFolder { folder in
      try Stores.write(9, to: "\(folder)/out", Stores.content())
      let store = try EmbeddingStore(PathBytes("\(folder)/out"))
      let current = FileManager.default.currentDirectoryPath
      for path in ["in/7.png", "./in//7.png", "\(current)/in/7.png", "in/../in/7.png"] {
        #expect(try store.rows(of: PathBytes(path)) == [7])
      }
      #expect(try store.rows(of: "in/70.png") == [])
      #expect(try store.rows(of: "7.png") == [])
    }
  }

  @Test("keeps paths that are no text, warnings and stamps")
  func rows() throws {
    try withTemporaryFolder { folder in
      let row = StoredRow(
        path: PathBytes([0x2f, 0xe9, 0x22, 0x0a]), width: 1, height: 2,
        stamp: FileStamp(byteCount: 5, modified: 1_732_812_345_123_456_789),
        warnings: ["odd \"thing\""])
      let path = PathBytes("\(folder)/out")
      let writer = try StoreWriter(path, content: Stores.content())
      try writer.append(row, [.float([1, 2, 3])])
      try writer.finish()
      #expect(try EmbeddingStore(path).row(at: 0) == row)
      #expect(try EmbeddingStore(path).rows(of: row.path) == [0])
    }
  }

  @Test("has no rows that it has not, and no heads", arguments: [-1, 9, Int.max])
  func outside(number: Int) throws {
    try withTemporaryFolder { folder in
      try Stores.write(9, to: "\(folder)/out", Stores.content())
      let store = try EmbeddingStore(PathBytes("\(folder)/out"))
      #expect(throws: StoreError.noRow(index: number, count: 9)) { try store.row(at: number) }
      if number < Int.max {
        #expect(throws: StoreError.noRow(index: number, count: 9)) { try store.vector(at: number) }
      }
      #expect(throws: StoreError.noHead(index: 1, count: 1)) { try store.vector(at: 0, head: 1) }
    }
  }

  @Test(
    "answers with an error where a part is cut or removed underneath", arguments: [0, 130, nil])
  func cutUnderneath(byteCount: Int?) throws {
    try withTemporaryFolder { folder in
      try Stores.write(9, to: "\(folder)/out", Stores.content())
      let store = try EmbeddingStore(PathBytes("\(folder)/out"))
      let files = ["img_emb/img_emb_000001.npy", "metadata/metadata_000001.jsonl"]
      for file in files {
        let path = "\(folder)/out/\(file)"
        if let byteCount {
          try write(Array(try contents(of: path).prefix(byteCount)), to: path)
        } else {
          try FileManager.default.removeItem(atPath: path)
        }
      }
      #expect(throws: StoreError.self) { try store.vector(at: 5) }
      #expect(throws: StoreError.self) { try store.row(at: 5) }
      #expect(try store.vector(at: 1) == Stores.vector(1, dimension: 3))
      #expect(store.verify().count == 1)
      #expect(throws: StoreError.self) { try EmbeddingStore(PathBytes("\(folder)/out")) }
    }
  }

  @Test("takes vectors of its own kind only")
  func wrongVectors() throws {
    try withTemporaryFolder { folder in
      let writer = try StoreWriter(PathBytes("\(folder)/out"), content: Stores.content())
      let row = StoredRow(path: "a.png", width: 1, height: 1)
      for vectors in [
        [], [.float([1, 2])], [.quantized([1, 2, 3])], [.float([1, 2, 3]), .float([1])],
      ] as [[FeatureVector]] {
        #expect(throws: StoreError.self) { try writer.append(row, vectors) }
      }
      try writer.finish()
      #expect(try EmbeddingStore(PathBytes("\(folder)/out")).count == 0)
    }
  }

  @Test("is written by one writer, or by one of each shard")
  func locks() throws {
    try withTemporaryFolder { folder in
      let path = PathBytes("\(folder)/out")
      var content = Stores.content()
      content.shard = Shard(number: 1, count: 2)
      let first = try StoreWriter(path, content: content)
      let busy = StoreError.busy(path: path.description)
      #expect(throws: busy) { try StoreWriter(path, content: content) }
      #expect(throws: busy) { try StoreWriter(path, content: Stores.content()) }
      content.shard = Shard(number: 1, count: 3)
      #expect(throws: busy) { try StoreWriter(path, content: content) }
      content.shard = Shard(number: 2, count: 2)
      let second = try StoreWriter(path, content: content)
      try first.finish()
      try second.finish()
    }
  }

  @Test(
    "that a run of 0.1.0 wrote is read",
    arguments: ["plain", "sharded", "heads", "quantized", "float16"])
  func firstVersion(name: String) throws {
    let store = try EmbeddingStore(PathBytes(Fixtures.store("0.1.0/\(name)")))
    #expect(store.count == 12)
    #expect(store.heads.map(\.dimension) == (name == "heads" ? [144, 24, 12] : [144]))
    #expect(store.verify().isEmpty)
    for number in 0..<12 {
      let path = try store.row(at: number).path
      let picture = try contents(of: Fixtures.store("0.1.0/\(path)")).suffix(144)
      let vector = try store.vector(at: number)
      if name == "quantized" {
        let length = picture.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        let expected = picture.map { Int8((Double($0) / length * 128).rounded()) }
        #expect(vector == .quantized(expected))
      } else if name == "heads" {
        // The first head of that model is its input, normalized with mean and standard deviation 127.5.
        let expected = picture.map { (Float($0) - 127.5) / 127.5 }
        #expect(difference(vector.floats ?? [], expected, tolerance: 1e-6) == nil)
      } else {
        #expect(vector == .float(picture.map(Float.init)))
      }
    }
  }

  @Test(
    "is no folder without a record",
    arguments: [("", "no such folder"), ("img_emb", "no run.json")])
  func noStore(name: String, reason: String) throws {
    try withTemporaryFolder { folder in
      let path = name.isEmpty ? "\(folder)/none" : folder
      if !name.isEmpty {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(name)", withIntermediateDirectories: false)
      }
      let error = #expect(throws: StoreError.self) { try EmbeddingStore(PathBytes(path)) }
      #expect("\(try #require(error))".contains(reason))
    }
  }
}
