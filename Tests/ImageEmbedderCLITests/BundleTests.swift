import EmbedderTestSupport
import Foundation
import Testing

@Suite("Bundles on the command line", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct BundleTests {
  @Test("embed as their model does, in this process and in one of its own")
  func embedding() throws {
    try Pictures.withPicture { _, picture in
      let model = Fixtures.model("identity_uint8_8x6")
      let alone = try imageEmbedder("embed", picture, "--model", model)
      alone.expectSuccess()
      for bundle in ["padded", "two"] {
        let path = Fixtures.bundle(bundle) + (bundle == "two" ? "#first.tflite" : "")
        for options in [[], ["--isolate"]] {
          let run = try imageEmbedder(["embed", picture, "--model", path] + options)
          run.expectSuccess()
          #expect(run.output == alone.output)
        }
      }
    }
  }

  @Test("are shown with the name of the model that is taken")
  func info() throws {
    let run = try imageEmbedder("info", Fixtures.bundle("one_of_two"))
    run.expectSuccess()
    #expect(run.output.contains("in the bundle: folder/embedder.tflite"))
  }

  @Test("of several models are refused with their names and how to choose")
  func several() throws {
    try Pictures.withPicture { _, picture in
      for arguments in [
        ["info", Fixtures.bundle("two")], ["embed", picture, "--model", Fixtures.bundle("two")],
      ] {
        try imageEmbedder(arguments).expectStop(
          naming: ["'first.tflite', 'second.tflite'", "behind #", "two.task"])
      }
    }
  }
}
