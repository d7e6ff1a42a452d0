import EmbedderStorage
import EmbedderTestSupport
import Testing

@Suite("The SHA-256")
struct SHA256DigestTests {
  // FIPS 180-2, appendix B.
  @Test(
    "is the standard's",
    arguments: [
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func standard(text: String, digest: String) {
    let bytes = Array(text.utf8)
    #expect(unsafe SHA256Digest(of: bytes.span.bytes).description == digest)
  }

  @Test("is what a plain implementation makes of any length", arguments: 0...130)
  func lengths(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    let bytes = generator.bytes(count)
    #expect(unsafe SHA256Digest(of: bytes.span.bytes).description == sha256(bytes))
  }
}
