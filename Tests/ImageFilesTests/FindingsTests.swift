import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("Images that were a finding")
struct FindingsTests {
  static let paths = Result { try Fixtures.findings("image") }

  @Test(
    "are refused by their format's decoder",
    arguments: try paths.get().filter { !$0.hasSuffix("two-frames.gif") })
  func refused(path: String) throws {
    switch DecodingOutcome(of: try contents(of: path)).error {
    case .truncated, .damaged, .unsupported, .frame: break
    case let error: Issue.record("\(error.map { "\($0)" } ?? "accepted")")
    }
  }

  @Test("never show memory that nobody wrote", arguments: try paths.get())
  func sameTwice(path: String) throws {
    var options = DecodingOptions()
    options.allowsTruncated = true
    let bytes = try contents(of: path)
    let outcomes = (0..<2).map { _ in DecodingOutcome(of: bytes, options: options) }
    #expect(outcomes[0].image == outcomes[1].image)
  }
}
