import CEmbedderSearch
import EmbedderStorage
import EmbeddingStore

/// Queries that share a pass over the rows.
final class QueryBatch: Sendable {
  let queries: [Query]
  /// The components of all queries, one behind the other.
  private let components: AlignedBuffer
  private let kernel = csearch_fastest()

  init(_ vectors: some Collection<FeatureVector>, stride: Int) throws(SearchError) {
    let queries = vectors.map { Query($0, stride: stride) }
    let byteCount = queries.count * stride * MemoryLayout<Int16>.size
    do {
      var buffer = try AlignedBuffer(byteCount: byteCount)
      unsafe buffer.withUnsafeMutableBytes { target in
        let integers = unsafe target.bindMemory(to: Int16.self)
        for (number, query) in queries.enumerated() {
          for (index, component) in query.components.enumerated() {
            unsafe integers[number * stride + index] = component
          }
        }
      }
      components = buffer
    } catch {
      throw .outOfMemory(error)
    }
    self.queries = queries
  }

  /// The products of all rows of a block with all queries, those of the first query first.
  func multiply(_ bytes: BlockBytes, into products: inout [Int32]) {
    let count = queries.count * bytes.block.rowCount
    if products.count < count { products = Array(repeating: 0, count: count) }
    let integers = unsafe components.baseAddress.assumingMemoryBound(to: Int16.self)
    unsafe products.withUnsafeMutableBufferPointer { products in
      unsafe csearch_products(
        kernel, bytes.rows, bytes.block.rowCount, bytes.stride, integers, queries.count,
        products.baseAddress)
    }
  }
}

extension Query {
  /// Calls `body` with the rows of a block whose cosines may reach a floor, and the bounds of those.
  ///
  /// - Parameters:
  ///   - bytes: The block.
  ///   - products: The products of integers of the block's rows.
  ///   - start: Where those of this query begin.
  ///   - floor: The least upper bound that matters.
  ///   - body: Told the row in the store and its bounds; gives the floor from then on.
  func forEachBound(
    _ bytes: BlockBytes, _ products: borrowing Span<Int32>, at start: Int, reaching floor: Double,
    _ body: (_ row: Int, _ lowerBound: Double, _ upperBound: Double) -> Double
  ) {
    var floor = floor
    let (scales, errors) = unsafe (bytes.scales, bytes.errors)
    for row in 0..<bytes.block.rowCount {
      let cosine = unsafe Double(products[start + row]) * Double(scales[row]) * scale
      let bound = unsafe Double(errors[row]) * errorFactor + error
      // Of rows without a direction the bound is NaN, which reaches nothing.
      if cosine + bound >= floor {
        floor = body(bytes.block.firstRow + row, cosine - bound, cosine + bound)
      }
    }
  }
}
