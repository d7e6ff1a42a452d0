import EmbedderModelMetadata
import EmbedderTestSupport
import Testing

/// Whatever happens to a file's bytes, reading it gives a model or a ``MetadataError``: a trap would
/// end the whole test run.
@Suite("Damaged model files")
struct DamagedModelTests {
  static let models = [
    "identity_uint8_8x6", "metadata_rich", "heads_abc", "dynamic_output", "identity_int8_8x6",
    "metadata_zip_compressed",
  ]

  @Test("only throw, wherever they are cut short", arguments: models)
  func truncation(name: String) throws {
    let file = try contents(of: Fixtures.model(name))
    let whole = try readModel(file)
    var errorCount = 0
    for count in 0..<file.count {
      do {
        // Where nothing but tensor data or an archive is missing, the description is complete.
        let cut = try readModel(Array(file[..<count]))
        #expect(cut.inputs == whole.inputs && cut.outputs == whole.outputs, "\(count) bytes")
        #expect(cut.metadata == whole.metadata, "\(count) bytes")
      } catch {
        errorCount += 1
      }
    }
    #expect(errorCount > 100)
  }

  @Test("only throw, or are read, for any byte that is wrong", arguments: models)
  func everyByte(name: String) throws {
    let file = try contents(of: Fixtures.model(name))
    var errorCount = 0
    for place in 0..<min(file.count, 3000) {
      for mask in [0x01, 0x80, 0xff] as [UInt8] {
        var damaged = file
        damaged[place] ^= mask
        if (try? readModel(damaged)) == nil { errorCount += 1 }
      }
    }
    #expect(errorCount > 20)
  }

  @Test("only throw, or are read, for thousands of random damages", arguments: models)
  func randomDamage(name: String) throws {
    let file = try contents(of: Fixtures.model(name))
    var generator = SeededGenerator(seed: UInt64(name.utf8.count))
    var errorCount = 0
    for _ in 0..<3000 {
      if (try? readModel(generator.damaging(file))) == nil { errorCount += 1 }
    }
    #expect(errorCount > 20)
  }

  @Test("only throw, or are read, for offsets of extreme size", arguments: models)
  func extremeNumbers(name: String) throws {
    let file = try contents(of: Fixtures.model(name))
    let extremes: [[UInt8]] = [
      [0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80], [0, 0, 0, 0],
      [0xf0, 0xff, 0xff, 0xff], [0, 0, 1, 0],
    ]
    var errorCount = 0
    for place in stride(from: 0, to: min(file.count, 2400) - 4, by: 4) {
      for extreme in extremes {
        var damaged = file
        damaged.replaceSubrange(place..<place + 4, with: extreme)
        if (try? readModel(damaged)) == nil { errorCount += 1 }
      }
    }
    #expect(errorCount > 20)
  }

  @Test("only throw for random bytes behind the identifier", arguments: 0..<4)
  func randomBytes(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<1000 {
      let root = UInt8.random(in: 0...100, using: &generator)
      let head: [UInt8] = [root, 0, 0, 0] + Array("TFL3".utf8)
      let bytes = head + generator.bytes(Int.random(in: 0...200, using: &generator))
      #expect(throws: MetadataError.self) { try readModel(bytes) }
    }
  }
}
