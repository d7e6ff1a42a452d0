import EmbedderStorage
import Testing

@Suite("The XXH64")
struct XXHash64Tests {
  // Of the reference implementation: none, less than a word, more than four words.
  @Test(
    "is the reference's",
    arguments: [
      ("", 0xef46_db37_51d8_e999), ("a", 0xd24e_c4f1_a98c_6e5b), ("abc", 0x44bc_2cf5_ad77_0999),
      ("Nobody inspects the spammish repetition", 0xfbce_a83c_8a37_8bf1),
    ] as [(String, UInt64)])
  func standard(text: String, hash: UInt64) {
    let bytes = SharedBytes(Array(text.utf8))
    #expect(xxHash64(of: bytes.bytes) == hash)
  }

  @Test("differs for every length, every seed and every byte that is changed")
  func differences() {
    var hashes: Set<UInt64> = []
    for count in 0...100 {
      hashes.insert(xxHash64(of: SharedBytes([UInt8](repeating: 0, count: count)).bytes))
      hashes.insert(
        xxHash64(of: SharedBytes([UInt8](repeating: 0, count: count)).bytes, seed: 1))
    }
    for place in 0..<75 {
      var bytes = [UInt8](repeating: 0, count: 75)
      bytes[place] = 1
      hashes.insert(xxHash64(of: SharedBytes(bytes).bytes))
    }
    #expect(hashes.count == 2 * 101 + 75)
  }
}
