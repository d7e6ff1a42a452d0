import EmbedderTestSupport
import Testing

@Suite("--isolate", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct IsolationTests {
  @Test(
    "gives the same vectors",
    arguments: [
      "efficientnet-lite0", "efficientnet-lite0-int8", Fixtures.model("heads_abc"),
      Fixtures.model("identity_uint8_224x224"), Fixtures.model("dynamic_float"),
      Fixtures.model("output_declared_too_small"),
    ])
  func sameVectors(model: String) throws {
    try withTemporaryFolder { folder in
      let arguments = ["embed", "--model", model] + (try Pictures.writeFiles(3, in: folder))
      let here = try imageEmbedder(arguments)
      here.expectSuccess()
      let there = try imageEmbedder(arguments + ["--isolate"])
      there.expectSuccess()
      #expect(there.standardOutput == here.standardOutput)
    }
  }

  @Test("gives the same vectors of graphs that do not run as they are", arguments: GraphCase.sound)
  func graphs(graph: GraphCase) throws {
    try withTemporaryFolder { folder in
      var arguments = ["embed", "--model", graph.path, "--threads", "2"]
      for (number, picture) in (graph.pictures + graph.pictures).enumerated() {
        let path = "\(folder)/\(number).png"
        try write(PNGWriter(picture).file, to: path)
        arguments.append(path)
      }
      let here = try imageEmbedder(arguments)
      here.expectSuccess()
      let there = try imageEmbedder(arguments + ["--isolate"])
      there.expectSuccess()
      #expect(there.standardOutput == here.standardOutput)
    }
  }

  @Test(
    "refuses graphs that no runtime has with the same reason as info, in words that lead on",
    arguments: GraphCase.refused)
  func refusedGraphs(graph: GraphCase) throws {
    try Pictures.withPicture { _, picture in
      let info = try imageEmbedder("info", graph.path)
      #expect(info.ending == .exit(status: 1))
      for isolation in [[], ["--isolate"]] {
        let run = try imageEmbedder(["embed", picture, "--model", graph.path] + isolation)
        run.expectStop(naming: graph.refused)
      }
      for word in graph.refused { #expect(info.output.contains(word)) }
    }
  }

  @Test("gives the same similarity")
  func similarity() throws {
    try withTemporaryFolder { folder in
      let arguments = ["similarity"] + (try Pictures.writeFiles(2, in: folder))
      let run = try imageEmbedder(arguments + ["--isolate", "--threads", "1"])
      run.expectSuccess()
      #expect(run.output == (try imageEmbedder(arguments).output))
    }
  }

  @Test(
    "refuses what is refused without it",
    arguments: [
      "operation_custom", "operation_version", "operation_unknown", "input_rank_5",
      "metadata_truncated", "output_int32", "subgraphs_0",
    ])
  func refused(name: String) throws {
    try Pictures.withPicture { _, picture in
      let path = Fixtures.model(name)
      let run = try imageEmbedder("embed", picture, "--model", path, "--isolate")
      run.expectStop(
        naming: ["'\(path)'"] + (name == "operation_custom" ? ["ImageEmbedderTestOperation"] : []))
    }
  }

  @Test("goes on after an image that cannot be embedded")
  func failures() throws {
    try Pictures.withPicture { folder, picture in
      let run = try imageEmbedder(
        "embed", "missing.png", picture, "missing.png", picture, "--isolate", "--model",
        Fixtures.model("constant_3_4"), folder: folder)
      #expect(run.ending == .exit(status: 2))
      #expect(try run.json(JSONRow.self).map(\.status) == ["failed", "ok", "failed", "ok"])
    }
  }

  @Test("names the runtime library that is missing", arguments: ["/nope", "libm.so.6"])
  func missingLibrary(path: String) throws {
    try Pictures.withPicture { _, picture in
      try imageEmbedder("embed", picture, "--isolate", "--litert", path)
        .expectStop(naming: [path, "LiteRT"])
    }
  }

  // MARK: The worker itself

  @Test("has a worker that ends with its input, whatever that is")
  func worker() throws {
    var generator = SeededGenerator(seed: 31)
    let inputs: [[UInt8]] =
      [[], [0], Array(repeating: 0xff, count: 100), Array("embed\n".utf8)]
      + [8, 64, 1000].map { generator.bytes($0) }
    for input in inputs {
      let run = try CommandLineRunner.run(["inference-worker"], input: input)
      #expect(run.ending == .exit(status: 0))
      #expect(run.standardOutput == [])
    }
  }

  @Test("has a worker that help does not mention")
  func hiddenWorker() throws {
    let run = try imageEmbedder("--help")
    #expect(!run.output.contains("worker"))
  }
}
