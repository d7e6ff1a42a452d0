import EmbedderModelMetadata
import EmbedderTestSupport
import Testing

@Suite("Metadata that was a finding")
struct FindingsTests {
  @Test("is refused", arguments: try Fixtures.findings("metadata"))
  func refused(path: String) throws {
    let bytes = try contents(of: path)
    #expect(throws: MetadataError.self) {
      try TFLiteMetadata(reading: unsafe bytes.span.bytes)
    }
  }
}
