# SPDX-License-Identifier: MIT
# For fish; what there is to complete, the program itself knows.
function __pdns_tlsa_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (@PREFIX@/share/pdns-tlsa/complete $words[2..-1] "$current")
        switch $line
            case @file
                __fish_complete_path "$current"
            case @directory
                __fish_complete_directories "$current"
            case @user
                __fish_complete_users
            case @group
                __fish_complete_groups
            case @none
            case '*'
                echo $line
        end
    end
end
complete -c pdns-tlsa -f -a '(__pdns_tlsa_complete)'
