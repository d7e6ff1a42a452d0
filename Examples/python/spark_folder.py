"""Embeds a folder of images with Spark, on this machine or a cluster, and writes Parquet.

usage: python spark_folder.py PHOTOS VECTORS
"""

import sys

from pyspark.sql import SparkSession

from image_embedder.spark import SCHEMA, embed_images

photos, vectors = sys.argv[1:]
spark = SparkSession.builder.appName("embed").getOrCreate()
images = spark.read.format("binaryFile").load(photos).repartition(2)
images.mapInPandas(embed_images("efficientnet-lite0"), SCHEMA).write.parquet(vectors)
spark.stop()
