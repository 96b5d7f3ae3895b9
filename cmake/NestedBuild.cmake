# Configures a preset into DIRECTORY and builds TARGETS there: run by ctest as `cmake -P`.
execute_process(COMMAND "${CMAKE_COMMAND}" --preset ${PRESET} -B "${DIRECTORY}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${DIRECTORY}" -j 2 --target ${TARGETS} COMMAND_ERROR_IS_FATAL ANY)
