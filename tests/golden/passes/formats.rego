# sprintf with a constant format of plain verbs is one instruction; any other is left to the builtin.
package golden

p contains sprintf("%v: %s has %d", [input.level, input.user, input.count])

p contains sprintf("%5d", [input.count])

p contains sprintf("%v and %v", [input.user])

p contains sprintf(input.format, [input.user])
