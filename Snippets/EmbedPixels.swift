// Embeds a part of an image in memory with a model of one's own.
import ImageEmbedding

let pixels = [UInt8](repeating: 128, count: 640 * 480 * 3)

var options = ImageEmbedder.Options(model: .file(path: "my_model.tflite"))
options.l2Normalize = true
options.normalization = try Normalization(mean: [127.5], std: [127.5])
let embedder = try ImageEmbedder(options: options)

let frame = try FrameBuffer(bytes: pixels, width: 640, height: 480, format: .rgb)
let result = try embedder.embed(
  frame, in: RegionOfInterest(x: 0, y: 0, width: 320, height: 240))
print(result.embeddings[0].featureVector.count)
