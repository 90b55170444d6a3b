/* cel_libs.h - the list of CEL function libraries, expanded with CEL_LIB(name)
 *
 * Layer: policy.  No guard: included once per expansion.  CEL_LIB(x) is `cel_lib_x` of cel_lib_x.c;
 * overloads of one function name are tried in this order.
 */
CEL_LIB(core)
CEL_LIB(opt)
CEL_LIB(strings)
CEL_LIB(math)
CEL_LIB(time)
CEL_LIB(misc)
CEL_LIB(net)
