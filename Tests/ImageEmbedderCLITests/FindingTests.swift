import EmbedderTestSupport
import ImageEmbedding
import Testing

@Suite("A model that once ended the program", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct FindingTests {
  static let models: [String] = (try? Fixtures.findings("model")) ?? []

  @Test("is refused in this process and in a worker", arguments: models)
  func refused(path: String) throws {
    let info = try ModelInfo(of: .init(model: .file(path: path)))
    #expect(info.file.structuralDefect != nil)
    try Pictures.withPicture { _, picture in
      for isolation in [[], ["--isolate"]] {
        let run = try imageEmbedder(["embed", picture, "--model", path] + isolation)
        run.expectStop(naming: ["'\(path)'", "damaged"])
      }
      let run = try imageEmbedder("info", path)
      #expect(run.ending == .exit(status: 1))
      #expect(run.output.contains("NOT MET  parts that agree with each other: "))
      #expect(run.output.hasSuffix("This model cannot be used.\n"))
    }
  }

  @Test("is kept, as are some others")
  func filesAreThere() {
    #expect(Self.models.count >= 10)
  }
}
