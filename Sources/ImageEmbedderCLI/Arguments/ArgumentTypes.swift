import ArgumentParser
import ImageEmbedding

/// A region of interest, written `X,Y,W,H`.
struct RegionArgument: ExpressibleByArgument {
  let region: RegionOfInterest

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0)
    }
    guard numbers.count == 4, let x = numbers[0], let y = numbers[1], let width = numbers[2],
      let height = numbers[3], x >= 0, y >= 0, width > 0, height > 0
    else { return nil }
    region = RegionOfInterest(x: x, y: y, width: width, height: height)
  }

  var defaultValueDescription: String {
    "\(region.x),\(region.y),\(region.width),\(region.height)"
  }
}

/// A clockwise turn, written in degrees.
struct RotationArgument: ExpressibleByArgument {
  let rotation: Rotation

  init(rotation: Rotation) {
    self.rotation = rotation
  }

  init?(argument: String) {
    guard let rotation = Int(argument).flatMap(Rotation.init(rawValue:)) else { return nil }
    self.rotation = rotation
  }

  var defaultValueDescription: String { "\(rotation.rawValue)" }
}

/// One number or several with commas between them.
struct NumbersArgument: ExpressibleByArgument {
  let values: [Float]

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      Float($0)
    }
    values = numbers.compactMap(\.self)
    guard values.count == numbers.count else { return nil }
  }

  var defaultValueDescription: String { values.map(\.description).joined(separator: ",") }
}

/// How vectors are written.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case jsonl
  case csv
  case npy
}
