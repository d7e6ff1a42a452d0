public import EmbedderStorage

/// Why no model is taken from a bundle.
@nonexhaustive
public enum BundleError: Error, Hashable, Sendable {
  /// The archive is damaged.
  case damaged(MetadataError)
  /// A member of what is no bundle is asked for.
  case notABundle(member: String)
  /// Nothing in the bundle is a TFLite model.
  case noModel(memberCount: Int)
  /// No model is in the bundle itself, and another bundle is.
  case nested(member: String)
  /// There are several models, of which more than one or none can be used as asked; `nil` where they are
  /// too many to be tried.
  case severalModels([String], usableCount: Int?)
  /// There is no such member.
  case noSuchMember(String, models: [String])
  /// Several members have the name.
  case repeatedName(String)
  /// The member is encrypted.
  case encrypted(member: String)
  /// The member is compressed in a way that is not read.
  case unsupportedMethod(member: String, Int)
  /// The archive has numbers of 64 bits.
  case unsupportedSize
  /// The member is larger than the largest model.
  case tooLarge(member: String, byteCount: Int, limit: Int)
  /// The member is to become so much larger that it can be no model.
  case bomb(member: String, compressedByteCount: Int, byteCount: Int)
  /// The member's content is not what the archive says.
  case wrongContent(member: String)
  /// There is no memory for the model.
  case outOfMemory(OutOfMemory)
}

extension BundleError: CustomStringConvertible {
  /// A sentence with what was found and what is needed.
  public var description: String {
    switch self {
    case .damaged(let error):
      "it is a bundle whose ZIP archive is damaged: \(error)"
    case .notABundle(let member):
      "it is no bundle, and \(quoted(member)) in it was asked for; leave # and the name out"
    case .noModel(let count):
      "it is a bundle of \(count) files, none of them a TFLite model; a bundle with one is needed"
    case .nested(let member):
      "it is a bundle without a model that holds another, \(quoted(member)); unpack that one"
    case .severalModels(let names, let usableCount):
      "it is a bundle of \(names.count) models"
        + (usableCount.map { ", of which \($0 == 0 ? "none" : "\($0)") can be used as asked" } ?? "")
        + "; choose one by its name behind #: \(list(names))"
    case .noSuchMember(let name, let models):
      "it is a bundle without \(quoted(name)); its models are \(list(models))"
    case .repeatedName(let name):
      "it is a bundle with several files called \(quoted(name)); one of that name is needed"
    case .encrypted(let member):
      "\(quoted(member)) in the bundle is encrypted; unpack it with its password"
    case .unsupportedMethod(let member, let method):
      "\(quoted(member)) in the bundle is compressed by method \(method); 0 (stored) or 8 (deflate) is"
        + " needed"
    case .unsupportedSize:
      "it is a bundle in the format for more than 4 GB (ZIP64), which is not read; unpack it"
    case .tooLarge(let member, let byteCount, let limit):
      "\(quoted(member)) in the bundle claims \(byteCount) bytes, more than the limit of \(limit)"
    case .bomb(let member, let compressedByteCount, let byteCount):
      "\(quoted(member)) in the bundle claims to make \(byteCount) bytes of \(compressedByteCount), which"
        + " no model does; unpack it if it is one"
    case .wrongContent(let member):
      "\(quoted(member)) in the bundle is damaged: its content has another length or checksum than the"
        + " archive says"
    case .outOfMemory(let error):
      error.description
    }
  }

  private func list(_ names: [String]) -> String {
    let shown = names.prefix(16).map(quoted).joined(separator: ", ")
    let rest = names.count - 16
    return names.isEmpty ? "none" : rest > 0 ? "\(shown) and \(rest) more" : shown
  }
}
