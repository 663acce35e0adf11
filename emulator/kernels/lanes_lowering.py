"""How numba compiles the functions of `lanes`: one LLVM vector per value."""

import operator

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import default_manager
from numba.extending import intrinsic, models, overload, register_model

from . import lanes


class Lanes(types.Type):
    """Numba type of ``count`` scalars of type ``dtype`` in vector registers."""

    def __init__(self, dtype, count):
        self.dtype, self.count = dtype, count
        super().__init__(f"Lanes({dtype} x {count})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, _vector_type(fe_type))


class View(types.Type):
    """Numba type of a pointer to scalars of type ``dtype``."""

    def __init__(self, dtype):
        self.dtype = dtype
        super().__init__(f"View({dtype})")


@register_model(View)
class _ViewModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, default_manager.lookup(fe_type.dtype).get_data_type().as_pointer())


def _vector_type(lanes_type):
    """Return the LLVM type; truths are single bits."""
    is_truth = lanes_type.dtype == types.boolean
    element = ir.IntType(1) if is_truth else default_manager.lookup(lanes_type.dtype).get_value_type()
    return ir.VectorType(element, lanes_type.count)


def _splat(builder, value, count):
    """Emit the instructions that copy a scalar into all lanes."""
    undefined = ir.Constant(ir.VectorType(value.type, count), ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), count), [0] * count)
    return builder.shuffle_vector(first, undefined, zeros)


def _call(builder, name, result, arguments):
    """Emit a call of an LLVM intrinsic."""
    signature = ir.FunctionType(result, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, name), arguments)


def _suffix(vector):
    """Return the type suffix of overloaded LLVM intrinsics, such as v16f32."""
    element = vector.element
    return f"v{vector.count}" + (f"i{element.width}" if isinstance(element, ir.IntType) else _float_suffix(element))


def _float_suffix(element):
    return "f32" if isinstance(element, ir.FloatType) else "f64"


def _element_pointer(context, builder, array_type, array, start):
    """Emit the address of element ``start`` of a flat array or a view."""
    base = array if isinstance(array_type, View) else context.make_array(array_type)(context, builder, array).data
    return builder.gep(base, [start], inbounds=True)


@intrinsic
def _view(typingctx, array):
    def codegen(context, builder, signature, args):
        return context.make_array(signature.args[0])(context, builder, args[0]).data

    return View(array.dtype)(array), codegen


@intrinsic
def _get(typingctx, array, index):
    def codegen(context, builder, signature, args):
        return builder.load(_element_pointer(context, builder, array, args[0], args[1]))

    return array.dtype(array, types.intp), codegen


@intrinsic
def _set(typingctx, array, index, value):
    def codegen(context, builder, signature, args):
        builder.store(args[2], _element_pointer(context, builder, array, args[0], args[1]))
        return context.get_dummy_value()

    return types.void(array, types.intp, array.dtype), codegen


@intrinsic(prefer_literal=True)
def _load(typingctx, array, start, count):
    result = Lanes(array.dtype, count.literal_value)

    def codegen(context, builder, signature, args):
        pointer = _element_pointer(context, builder, signature.args[0], args[0], args[1])
        pointer = builder.bitcast(pointer, _vector_type(result).as_pointer())
        return builder.load(pointer, align=array.dtype.bitwidth // 8)

    return result(array, types.intp, count), codegen


@intrinsic
def _store(typingctx, array, start, values):
    def codegen(context, builder, signature, args):
        pointer = _element_pointer(context, builder, signature.args[0], args[0], args[1])
        pointer = builder.bitcast(pointer, args[2].type.as_pointer())
        builder.store(args[2], pointer, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, values), codegen


@intrinsic(prefer_literal=True)
def _broadcast(typingctx, value, count):
    scalar = types.unliteral(value)
    return Lanes(scalar, count.literal_value)(scalar, count), lambda context, builder, signature, args: _splat(
        builder, args[0], signature.return_type.count
    )


@intrinsic
def _fma(typingctx, a, b, c):
    def codegen(context, builder, signature, args):
        kind = args[2].type
        suffix = _suffix(kind) if isinstance(kind, ir.VectorType) else _float_suffix(kind)
        return _call(builder, f"llvm.fma.{suffix}", kind, args)

    return c(c, c, c), codegen


@intrinsic
def _less(typingctx, a, b):
    return Lanes(types.boolean, a.count)(a, b), lambda context, builder, signature, args: builder.fcmp_ordered(
        "<", *args
    )


@intrinsic
def _select(typingctx, truth, a, b):
    return a(truth, a, b), lambda context, builder, signature, args: builder.select(*args)


@intrinsic
def _rotate_left(typingctx, values, count):
    def codegen(context, builder, signature, args):
        vector = args[0].type
        shift = _splat(builder, _lane_integer(builder, args[1], vector.element), vector.count)
        return _call(builder, f"llvm.fshl.{_suffix(vector)}", vector, [args[0], args[0], shift])

    return values(values, types.intp), codegen


def _lane_integer(builder, value, element):
    """Emit the truncation of a 64-bit integer to the lanes' width."""
    return builder.trunc(value, element) if value.type.width > element.width else value


@intrinsic
def _convert_like(typingctx, values, like):
    result = Lanes(like.dtype, values.count)

    def codegen(context, builder, signature, args):
        vector, old, new = _vector_type(result), values.dtype, like.dtype
        if old == new:
            return args[0]
        if isinstance(new, types.Float):
            return (builder.sitofp if isinstance(old, types.Integer) else builder.fpext)(args[0], vector)
        if new.bitwidth <= old.bitwidth:
            return builder.trunc(args[0], vector)
        return (builder.sext if old.signed else builder.zext)(args[0], vector)

    return result(values, like), codegen


@intrinsic
def _reinterpret(typingctx, values):
    width = values.dtype.bitwidth
    pair = {32: (types.uint32, types.float32), 64: (types.uint64, types.float64)}[width]
    result = Lanes(pair[0] if isinstance(values.dtype, types.Float) else pair[1], values.count)
    return result(values), lambda context, builder, signature, args: builder.bitcast(args[0], _vector_type(result))


def _reduction(name, result, before=None):
    """Return an intrinsic that reduces integer lanes by ``llvm.vector.reduce.<name>``."""

    @intrinsic
    def reduction(typingctx, values):
        def codegen(context, builder, signature, args):
            vector = args[0].type
            if before is not None:
                args = [_call(builder, f"llvm.{before}.{_suffix(vector)}", vector, args)]
            value = _call(builder, f"llvm.vector.reduce.{name}.{_suffix(vector)}", vector.element, args)
            if result == types.boolean:
                return builder.icmp_unsigned("!=", value, ir.Constant(vector.element, 0))
            return value if vector.element.width == 64 else builder.sext(value, ir.IntType(64))

        return result(values), codegen

    return reduction


_any_set = _reduction("or", types.boolean)
_count_ones = _reduction("add", types.int64, before="ctpop")
_lane_sum = _reduction("add", types.int64)


def _arithmetic(integer, real=None):
    """Return an intrinsic for a binary operator on lanes of one type."""

    @intrinsic
    def binary(typingctx, a, b):
        def codegen(context, builder, signature, args):
            return getattr(builder, real if isinstance(a.dtype, types.Float) else integer)(*args)

        return a(a, b), codegen

    return binary


def _shift(instruction):
    """Return an intrinsic that shifts every lane by one count."""

    @intrinsic
    def shift(typingctx, values, count):
        def codegen(context, builder, signature, args):
            vector = args[0].type
            counts = _splat(builder, _lane_integer(builder, args[1], vector.element), vector.count)
            return getattr(builder, instruction)(args[0], counts)

        return values(values, types.intp), codegen

    return shift


def _register_operator(function, implementation):
    """Make ``function`` compile to ``implementation`` on two lanes of one type."""

    @overload(function)
    def _on_lanes(a, b):
        if isinstance(a, Lanes) and a == b:
            return lambda a, b: implementation(a, b)
        return None


def _register_shift(function, implementation):
    """Make ``function`` compile to ``implementation`` on lanes and an integer."""

    @overload(function)
    def _on_lanes(a, b):
        if isinstance(a, Lanes) and isinstance(b, types.Integer):
            return lambda a, b: implementation(a, b)
        return None


_register_operator(operator.add, _arithmetic("add", "fadd"))
_register_operator(operator.sub, _arithmetic("sub", "fsub"))
_register_operator(operator.mul, _arithmetic("mul", "fmul"))
_register_operator(operator.and_, _arithmetic("and_"))
_register_operator(operator.or_, _arithmetic("or_"))
_register_operator(operator.xor, _arithmetic("xor"))
_register_shift(operator.lshift, _shift("shl"))
_register_shift(operator.rshift, _shift("lshr"))


@overload(lanes.view)
def _compile_view(array):
    return lambda array: _view(array)


@overload(operator.getitem)
def _compile_getitem(array, index):
    if isinstance(array, View) and isinstance(index, types.Integer):
        return lambda array, index: _get(array, index)
    return None


@overload(operator.setitem)
def _compile_setitem(array, index, value):
    if isinstance(array, View) and isinstance(index, types.Integer):
        return lambda array, index, value: _set(array, index, value)
    return None


@overload(lanes.load, prefer_literal=True)
def _compile_load(array, start, count):
    return lambda array, start, count: _load(array, start, count)


@overload(lanes.splat, prefer_literal=True)
def _compile_splat(value, count):
    return lambda value, count: _broadcast(value, count)


@overload(lanes.store)
def _compile_store(array, start, lanes):
    return lambda array, start, lanes: _store(array, start, lanes)


@overload(lanes.fma)
def _compile_fma(a, b, c):
    return lambda a, b, c: _fma(a, b, c)


@overload(lanes.less)
def _compile_less(a, b):
    return lambda a, b: _less(a, b)


@overload(lanes.select)
def _compile_select(truth, a, b):
    return lambda truth, a, b: _select(truth, a, b)


@overload(lanes.rotate_left)
def _compile_rotate_left(lanes, count):
    return lambda lanes, count: _rotate_left(lanes, count)


@overload(lanes.convert_like)
def _compile_convert_like(lanes, like):
    return lambda lanes, like: _convert_like(lanes, like)


@overload(lanes.scalar_like)
def _compile_scalar_like(value, like):
    real = {32: np.float32, 64: np.float64}[like.bitwidth]
    return lambda value, like: real(value)


@overload(lanes.as_bits)
def _compile_as_bits(lanes):
    return lambda lanes: _reinterpret(lanes)


@overload(lanes.as_floats)
def _compile_as_floats(lanes):
    return lambda lanes: _reinterpret(lanes)


@overload(lanes.any_set)
def _compile_any_set(lanes):
    return lambda lanes: _any_set(lanes)


@overload(lanes.count_ones)
def _compile_count_ones(lanes):
    return lambda lanes: _count_ones(lanes)


@overload(lanes.lane_sum)
def _compile_lane_sum(lanes):
    return lambda lanes: _lane_sum(lanes)
