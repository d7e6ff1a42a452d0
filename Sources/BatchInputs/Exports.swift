// One import gives users patterns and items too.
@_exported public import BatchEmbedding
