"""Embeds a folder of images with Ray Data, on this machine or a cluster, and writes Parquet.

usage: python ray_folder.py PHOTOS VECTORS
"""

import sys

import ray

from image_embedder.ray import EmbedImages

photos, vectors = sys.argv[1:]
images = ray.data.read_binary_files(photos, include_paths=True)
embedded = images.map_batches(
    EmbedImages,
    fn_constructor_kwargs={"model": "efficientnet-lite0"},
    batch_size=16,
    concurrency=2,
    num_cpus=0.5,  # Where two cores are all there are, reading and writing want one of them.
)
embedded.write_parquet(vectors)
