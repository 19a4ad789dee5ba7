# The first body that holds ends a rule of which all bodies give one constant.
package golden

p if input.a == 1

p if input.b == 2

p if input.c == 3
