/// Why metadata cannot be written into a copy of a model.
@nonexhaustive
public enum AnnotationError: Error, Hashable, Sendable {
  /// The model or its metadata are damaged.
  case model(MetadataError)
  /// There is nothing to write.
  case nothing
  /// A text is longer than metadata readers take, or holds a NUL, which ends it for many of them.
  case text(name: String, found: String, needed: String)
  /// The model has another number of inputs than one.
  case inputCount(Int)
  /// The metadata describe another number of inputs than one.
  case describedInputCount(Int)
  /// The metadata say that the input is something else than an RGB image.
  case inputIsNotAnImage(ContentProperties)
  /// The input is of a type that pixels are not normalized for.
  case needlessNormalization(ElementType)
  /// There are not as many names as outputs.
  case headCount(found: Int, needed: Int)
  /// The metadata describe another number of outputs than the model has.
  case describedHeadCount(found: Int, needed: Int)
  /// The file is signed, and a copy with other metadata would not be.
  case signed(by: String)
  /// An operator has its program behind the model, where no offset of the schema leads to it.
  case outerProgram(operator: String)
  /// What was written does not read as it was meant.
  case notReadBack
}

extension AnnotationError: CustomStringConvertible {
  /// A sentence with what was found and what is needed.
  public var description: String {
    switch self {
    case .model(let error):
      error.description
    case .nothing:
      "there is nothing to write; give at least one of mean and std, name, author, license,"
        + " description, version and head names"
    case .text(let name, let found, let needed):
      "the \(name) is \(found); \(needed) is needed"
    case .inputCount(let count):
      "it has \(count) inputs; exactly one, the image, is needed"
    case .describedInputCount(let count):
      "its metadata describe \(count) inputs; one, or none, is needed"
    case .inputIsNotAnImage(let content):
      "its metadata say that the input holds \(content); an RGB image is needed"
    case .needlessNormalization(.uint8):
      "its uint8 input takes pixels as they are; leave mean and std out"
    case .needlessNormalization(let type):
      "its input is of type \(type), which pixels are not normalized for; float32 or int8 is needed"
    case .headCount(let found, let needed):
      "\(found) head names were given and it has \(needed) outputs; one for each is needed"
    case .describedHeadCount(let found, let needed):
      "its metadata describe \(found) outputs and it has \(needed); as many are needed to name them"
    case .signed(let signature):
      "it is signed (\(signature)) and a copy with other metadata would not be; annotate it before it"
        + " is signed"
    case .outerProgram(let name):
      "it has been compiled for an accelerator (\(name)), whose program's place in the file cannot be"
        + " changed; annotate it before it is compiled"
    case .notReadBack:
      "the copy does not read as it was meant, so it was not written; please report this model"
    }
  }
}
