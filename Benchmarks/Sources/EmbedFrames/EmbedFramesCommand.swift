import ArgumentParser
import Foundation
import ImageEmbedding

/// Embeds one decoded frame again and again; `instructions/embed_frames.c` does the same in C.
@main
struct EmbedFramesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed-frames", abstract: "Embeds one decoded frame again and again.")

  @Argument(help: "The model's file.")
  var model: String

  @Argument(help: "How often.")
  var count: Int

  func run() throws {
    let (width, height) = (500, 375)
    let pixels = (0..<width * height * 3).map { UInt8($0 * 7 % 251) }
    let frame = try FrameBuffer(bytes: pixels, width: width, height: height, format: .rgb)
    let embedder = try ImageEmbedder(options: .init(model: .file(path: model)))
    var sum = 0.0
    for _ in 0..<count {
      sum += Double(try embedder.embed(frame).embeddings[0].featureVector.floats?[0] ?? .nan)
    }
    print(String(format: "%f", sum))
  }
}
