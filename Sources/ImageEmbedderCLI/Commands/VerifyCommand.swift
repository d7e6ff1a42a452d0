import ArgumentParser
import EmbeddingSearch
import EmbeddingStore
import ImageEmbedding

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Holds every part of a folder of vectors against its record.",
    discussion: """
      Sizes, headers, rows and checksums are looked at; nothing is changed. The exit
      status is 1 where something is not as it was written: embed --resume sets it
      aside and makes its rows again. Of the file that search makes, which can be
      made again at any time, it is only said what is odd about it.

      EXAMPLES
        image-embedder verify embeddings/
      """)

  @Argument(help: "A folder that embed wrote.")
  var folder: PathArgument

  func run() throws {
    let store: EmbeddingStore
    do throws(StoreError) {
      store = try EmbeddingStore(folder.path, checksParts: false)
    } catch {
      throw Failure("\(error)")
    }
    let errors = store.verify()
    for error in errors { report("\(error)") }
    for head in store.heads.indices {
      if let fault = EmbeddingIndex.faultOfFile(of: store, head: head) { report("\(fault)") }
    }
    guard errors.isEmpty else {
      throw Failure(
        "\(errors.count) of \(store.partCount) parts of \(quoted(folder.path.description)) are damaged"
      )
    }
    let output = OutputStream.standardOutput
    try output.write("\(store.count) rows in \(store.partCount) parts are as they were written\n")
    try output.finish()
  }
}
