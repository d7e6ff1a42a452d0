import EmbedderTestSupport
import Testing

@Suite("Models of other forms", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct FormTests {
  static let some = FormCase.sound.filter {
    !$0.model.hasPrefix("nhwc") && $0.pool != "max" && $0.pool != "flatten"
  }

  private func options(_ form: FormCase) -> [String] {
    [("--pool", form.pool), ("--layout", form.layout), ("--signature", form.signature)].flatMap {
      option, value in value.map { [option, $0] } ?? []
    }
  }

  @Test("give the same vectors in a process of their own, and info takes them", arguments: some)
  func isolated(form: FormCase) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/picture.png"
      try write(PNGWriter(FormCase.picture).file, to: path)
      let model = options(form)
      let here = try imageEmbedder(["embed", path, path, "--model", form.path] + model)
      here.expectSuccess()
      let there = try imageEmbedder(
        ["embed", path, path, "--model", form.path, "--isolate"] + model)
      there.expectSuccess()
      #expect(there.standardOutput == here.standardOutput)
      #expect(here.output.contains("feature_vector"))
      try imageEmbedder(["info", form.path] + model).expectSuccess()
    }
  }

  @Test("are refused by info and embed with one reason", arguments: FormCase.refused.prefix(20))
  func refused(form: FormCase) throws {
    try Pictures.withPicture { _, picture in
      let info = try imageEmbedder(["info", form.path] + options(form))
      #expect(info.ending == .exit(status: 1))
      for words in form.refused { #expect(info.output.contains(words)) }
      let run = try imageEmbedder(["embed", picture, "--model", form.path] + options(form))
      run.expectStop(naming: form.refused)
    }
  }

  @Test("have their signatures listed by info, with inputs and outputs")
  func signatures() throws {
    let run = try imageEmbedder("info", Fixtures.form("signatures_of_one_graph"))
    run.expectSuccess()
    #expect(run.outputLines.contains("signatures (--signature)"))
    #expect(
      run.outputLines.contains(
        "  both: tensor_0 [1, 6, 8, 3] -> embedding [1, 4], patches [1, 6, 4]"))
  }

  @Test(
    "have heads of the same names in info and embed",
    arguments: [("tokens", ["patches"]), ("both", ["feature_vector", "patches"])])
  func headNames(signature: String, names: [String]) throws {
    let options = [
      Fixtures.form("signatures_of_one_graph"), "--signature", signature, "--pool", "mean",
    ]
    let info = try imageEmbedder(["info"] + options)
    info.expectSuccess()
    for (index, name) in names.enumerated() {
      #expect(info.outputLines.contains { $0.hasPrefix("  \(index) \(name): float32 ") })
    }
    let json = try imageEmbedder(["info", "--json"] + options)
    let report = try #require(try json.json(InfoTests.Report.self).first)
    #expect(report.outputs.map(\.name) == names)
    try Pictures.withPicture { _, picture in
      let run = try imageEmbedder(["embed", picture, "--model"] + options)
      run.expectSuccess()
      for (index, name) in names.enumerated() {
        #expect(run.output.contains(#""head_index":\#(index),"head_name":"\#(name)""#))
      }
    }
  }

  @Test("have the same metadata whether their only signature is named or not")
  func namedSignature() throws {
    let path = Fixtures.graph("second_subgraph")
    let unnamed = try InfoTests.report(path)
    let named = try InfoTests.report(path, "--signature", "serving_default")
    #expect(unnamed.normalization != nil)
    #expect(named.normalization?.mean == unnamed.normalization?.mean)
    #expect(named.missingMetadata == unnamed.missingMetadata)
    #expect(named.outputs.map(\.name) == unnamed.outputs.map(\.name))
  }

  @Test("have a layout that info tells where it is not TFLite's own")
  func layout() throws {
    let run = try imageEmbedder("info", Fixtures.form("nchw_float32_one_vector"))
    run.expectSuccess()
    #expect(run.outputLines.contains { $0.contains("[1, 3, 6, 8], channels first") })
  }

  @Test("are not given a layout without a pooling")
  func layoutAlone() throws {
    let run = try imageEmbedder("info", Fixtures.form("rank_1n"), "--layout", "nchw")
    #expect(run.ending == .exit(status: 64))
    #expect(run.standardError.contains("--layout goes with --pool"))
  }
}
