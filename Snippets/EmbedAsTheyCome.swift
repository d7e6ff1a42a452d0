// Embeds images that come one by one, while others of them are in work.
import BatchEmbedding
import ImageEmbedding

let queue = try BatchQueue(BatchEmbedder(try ImageEmbedder()))
Task {
  for path in ["first.jpg", "second.jpg"] { try queue.add(BatchItem(path: PathBytes(path))) }
  queue.finish()
}
for await result in queue.results { print(result.path, result.outcome) }
