"""The wheel's tag: any Python 3, because ctypes opens the library, on one platform."""

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel


class AnyPythonWheel(bdist_wheel):
    """A wheel with a native library that does not depend on Python's own interface."""

    def get_tag(self) -> tuple[str, str, str]:
        """Returns the tag, with the platform of this machine."""
        return ("py3", "none", super().get_tag()[2])


class NativeDistribution(Distribution):
    """A distribution that is installed where native libraries belong."""

    def has_ext_modules(self) -> bool:
        """Says that there is native code, which setuptools cannot see."""
        return True


setup(cmdclass={"bdist_wheel": AnyPythonWheel}, distclass=NativeDistribution)
