import EmbedderTestSupport
import Foundation
import Testing

/// On a developer's machine, tests that lack something are skipped with a reason; on a machine that
/// decides whether a change lands, nothing may be lacking.
@Suite("What the tests need")
struct PrerequisiteTests {
  static let isContinuousIntegration =
    ProcessInfo.processInfo.environment["CI"].map { !$0.isEmpty && $0 != "false" } ?? false

  @Test(
    "is there where changes are judged",
    .enabled(if: isContinuousIntegration, "CI is not set"))
  func everythingIsThere() {
    #expect(Fixtures.hasLiteRt, "scripts/setup installs the runtime")
    #expect(Fixtures.hasPhotographs, "scripts/setup installs the photographs")
  }
}
